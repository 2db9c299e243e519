import * as pulumi from "@pulumi/pulumi";
import { AlertRouting, DetectionSet } from "@pulumi/login-monitor";

const config = new pulumi.Config();
const resourceGroupName = config.require("resourceGroupName");
const tags = { team: "soc" };

const routing = new AlertRouting("login", {
    resourceGroupName,
    alertEmails: config.requireObject<string[]>("alertEmails"),
    webhookUrl: config.get("webhookUrl") ? config.requireSecret("webhookUrl") : undefined,
    tags,
});

const rules = new DetectionSet("login", {
    resourceGroupName,
    location: config.require("location"),
    workspaceId: config.require("workspaceId"),
    urgentActionGroupId: routing.urgentActionGroupId,
    routineActionGroupId: routing.routineActionGroupId,
    detections: ["password_spray", "brute_force_on_one_account", "success_after_spray"],
    detectionOverrides: { password_spray: { threshold: 15, severity: 1 } },
    tags,
});

export const ruleIds = rules.ruleIds;
