"""Detections in the forms of other tools: Microsoft Sentinel, ARM templates, ATT&CK Navigator."""
