"""What App Service on Linux offers: plan sizes and Python versions. Pure: no pulumi, no I/O."""

# From Azure's page "App Service pricing" for Linux; the shared plan D1 is for Windows only.
SKUS = (
    "F1",
    *("B1", "B2", "B3"),
    *("S1", "S2", "S3"),
    *("P0v3", "P1v3", "P2v3", "P3v3"),
    *("P1mv3", "P2mv3", "P3mv3", "P4mv3", "P5mv3"),
    *("P0v4", "P1v4", "P2v4", "P3v4"),
    *("P1mv4", "P2mv4", "P3mv4", "P4mv4", "P5mv4"),
)
# Azure answers "AlwaysOn cannot be set for this site" (409, code 01020) here, and wants 32 bits.
_WITHOUT_ALWAYS_ON = ("F1", "D1")

# Still maintained by python.org and offered as PYTHON|<version>; the app needs 3.11.
PYTHON_VERSIONS = ("3.11", "3.12", "3.13", "3.14")


def has_always_on(sku: str) -> bool:
    """Whether the plan keeps an idle app loaded and runs 64-bit workers."""
    return sku.upper() not in _WITHOUT_ALWAYS_ON
