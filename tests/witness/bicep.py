"""What deploys mistnet on Azure has the properties of its API versions, and the right to scale.

Azure takes a property that an API version does not have in silence or refuses it at the deployment,
and both were seen by nobody before. So every resource of main.bicep and container-instances.yaml is
compared with Microsoft's own models of exactly the API version that it names (azure_models.py). Then
the rights of the scaler are followed from the scale rule to the queue. Last, mistakes are planted,
and each must be found.

It asks no network, and knows neither the values of expressions nor what Azure thinks of them.
"""

import importlib
import re
import tempfile
from pathlib import Path

import pycep
import yaml
from azure_models import Comparison
from rig import ROOT, Refuted, claim, testify

AZURE = ROOT / "deploy" / "azure"
TEMPLATE, INSTANCES = AZURE / "main.bicep", AZURE / "container-instances.yaml"

# Resource type: the module with its models, and the model that is sent to make one.
KINDS = {
    "Microsoft.App/containerApps": ("azure.mgmt.appcontainers", "ContainerApp"),
    "Microsoft.App/managedEnvironments": ("azure.mgmt.appcontainers", "ManagedEnvironment"),
    "Microsoft.Authorization/roleAssignments":
        ("azure.mgmt.authorization.v2022_04_01", "RoleAssignmentCreateParameters"),
    "Microsoft.ContainerInstance/containerGroups":
        ("azure.mgmt.containerinstance", "ContainerGroup"),
    "Microsoft.ContainerRegistry/registries": ("azure.mgmt.containerregistry", "Registry"),
    "Microsoft.ManagedIdentity/userAssignedIdentities":
        ("azure.mgmt.msi.v2024_11_30", "Identity"),
    "Microsoft.OperationalInsights/workspaces": ("azure.mgmt.loganalytics", "Workspace"),
    "Microsoft.ServiceBus/namespaces": ("azure.mgmt.servicebus", "SBNamespace"),
    "Microsoft.ServiceBus/namespaces/queues": ("azure.mgmt.servicebus", "SBQueue"),
    "Microsoft.Storage/storageAccounts":
        ("azure.mgmt.storage", "StorageAccountCreateParameters"),
    "Microsoft.Storage/storageAccounts/blobServices":
        ("azure.mgmt.storage", "BlobServiceProperties"),
    "Microsoft.Storage/storageAccounts/blobServices/containers":
        ("azure.mgmt.storage", "BlobContainer"),
}
# What is Bicep's and not the resource's.
OF_BICEP = {"name", "parent", "scope", "dependsOn"}
# "Azure Service Bus Data Owner" (learn.microsoft.com, "Azure built-in roles", read 2026-11): reading
# the length of a queue is an operation of its management.
OWNER = "090c5cfd-751d-490a-894a-3ce6f1109419"
VERSION = r"\d{4}-\d\d-\d\d(?:-preview)?"

# What is written instead of what, and what must be said about it.
PLANTED = [
    ("containerApps@2026-01-01", "containerApps@2024-03-01", "not the API version"),
    ("registries@2025-11-01", "registries@2023-07-01", "not the API version"),
    ("userAssignedIdentities@2024-11-30", "userAssignedIdentities@2023-01-31", "not the API version"),
    ("Microsoft.ServiceBus/namespaces/queues@", "Microsoft.ServiceBus/namespaces/topics@", "nobody"),
    ("lockDuration:", "lockDuraton:", "has no property 'lockDuraton'"),
    ("maxDeliveryCount: 2000", "maxDeliveryCount: '2000'", "'2000' is no int"),
    ("disableLocalAuth: true", "disableLocalAuth: 'true'", "'true' is no bool"),
    ("kind: 'StorageV2'", "kind: 'StorageV9'", "is none of"),
    ("              identity: scaler.id", "              identities: scaler.id", "no property 'identities'"),
    ("minReplicas: 0", "minReplicas: 'none'", "is no int"),
    ("transport: 'http'", "transport: 'htp'", "is none of"),
    ("lifecycle: 'None'", "lifecycle: 'Never'", "is none of"),
    ("secretRef: 'api-key'", "secretref: 'api-key'", "no property 'secretref'"),
    ("httpGet: {", "http: {", "no property 'http'"),
    ("retentionInDays: 30", "retentionDays: 30", "no property 'retentionDays'"),
    ("principalType: 'ServicePrincipal'", "principalType: 'Service'", "is none of"),
    ("    principalId: scaler.properties.principalId\n", "", "needs 'principalId'"),
    ("tier: 'Standard'", "tier: 'Standart'", "is none of"),
    ("messageCount: '5'", "messageCount: 5", "is no str"),
    ("registries: registries", "registries: shared", "has no property 'name'"),
]
PLANTED_INSTANCES = [
    ("2023-05-01", "2021-10-01", "not the API version"),
    ("memoryInGB", "memoryInGb", "no property 'memoryInGb'"),
    ("secureValue", "secretValue", "no property 'secretValue'"),
    ("restartPolicy: Always", "restartPolicy: Allways", "is none of"),
    ("protocol: TCP", "protocol: TPC", "is none of"),
    ("port: 8889", "port: http", "is no int"),
]
# The rights of the scaler: what is written instead of what.
PLANTED_RIGHTS = [
    ("roleDefinitions', busOwner)", "roleDefinitions', busReceiver)"),
    ("scope: storeQueue", "scope: collectQueue"),
    ("      '${scaler.id}': {}\n", ""),
    ("queueName: storeQueue.name", "queueName: collectQueue.name"),
    ("principalId: scaler.properties.principalId", "principalId: identity.properties.principalId"),
]


def parsed(text):
    """A template, parsed."""
    with tempfile.NamedTemporaryFile("w", suffix=".bicep", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        return pycep.BicepParser().parse(file_path=Path(file.name))


def config(resource):
    """What is between a resource's braces, without its loop and its condition."""
    inner = resource["config"]
    while "config" in inner:
        inner = inner["config"]
    return inner


def names_of(tree):
    """Every name of a template, with its value if the template says it."""
    names = dict.fromkeys([*tree.get("parameters", {}), *tree["resources"]])
    names |= {name: one["value"] for name, one in tree.get("variables", {}).items()}
    loops = (resource["config"].get("loop_type") for resource in tree["resources"].values())
    return names | {loop["detail"]["item_name"]: None for loop in loops if loop}


def version_of(module):
    """The one API version that a module has the models of."""
    named = re.search(rf"\.v({VERSION.replace('-', '_')})$", module)
    if named:
        return named[1].replace("_", "-")
    file = Path(importlib.import_module(module).__file__).parent / "_configuration.py"
    found = set(re.findall(rf'"({VERSION})"', file.read_text("utf-8")))
    claim(len(found) == 1, f"{module} has one API version: {', '.join(found)}")
    return found.pop()


VERSIONS = {}


def compare(name, kind, version, body, names):
    """What is wrong with one resource. A resource that exists already has no body."""
    if kind not in KINDS:
        return [f"{name}: nobody compares {kind}"]
    module, model = KINDS[kind]
    if module not in VERSIONS:
        VERSIONS[module] = version_of(module)
    if version != VERSIONS[module]:
        return [f"{name}: {version} is not the API version of the models, {VERSIONS[module]}"]
    comparison = Comparison(importlib.import_module(f"{module}.models"), names)
    if body is not None:
        comparison.resource(name, model, body)
    return comparison.findings


def template_findings(text):
    """What is wrong with a template's resources."""
    tree = parsed(text)
    names, findings = names_of(tree), []
    for name, resource in tree["resources"].items():
        body = {key: one for key, one in config(resource).items() if key not in OF_BICEP}
        findings += compare(name, resource["type"], resource["api_version"],
                            None if resource["existing"] else body, names)
    return findings


def instances_findings(text):
    """What is wrong with the container group."""
    group = yaml.safe_load(text)
    body = {key: one for key, one in group.items() if key not in ("apiVersion", "name", "type")}
    return compare("group", group["type"], str(group["apiVersion"]), body, {})


def owner_of(expression):
    """The `x` of `x.id`, `x.name`, `x.properties.principalId`."""
    return expression["operator"]["operands"]["operand_1"]


def scaler_may_read(text):
    """Whether the scaler of receivers may read the length of the queue that it is told to watch."""
    tree = parsed(text)
    app = config(tree["resources"]["receiver"])
    rule = app["properties"]["template"]["scale"]["rules"][0]["custom"]
    identity, queue = owner_of(rule["identity"]), owner_of(rule["metadata"]["queueName"])
    is_assigned = any(f"${{{identity}.id}}" in key
                      for key in app["identity"]["userAssignedIdentities"])
    return is_assigned and any(gives(tree, config(one), identity, queue)
                               for one in tree["resources"].values()
                               if one["type"] == "Microsoft.Authorization/roleAssignments")


def gives(tree, rights, identity, queue):
    """Whether a role assignment makes an identity the owner of the data of a queue."""
    properties = rights["properties"]
    role = properties["roleDefinitionId"]["function"]["parameters"]["resource_name_1"]
    role = tree["variables"].get(role, {}).get("value", role)
    return (rights["scope"], owner_of(properties["principalId"]), role) == (queue, identity, OWNER)


def planted(text, old, new):
    """The text with a mistake in it."""
    if old not in text:
        raise Refuted(f"there is a place for a mistake: {old.strip()}")
    return text.replace(old, new)


def main():
    """Both files, and the mistakes."""
    template, instances = TEMPLATE.read_text("utf-8"), INSTANCES.read_text("utf-8")
    findings = template_findings(template) + instances_findings(instances)
    claim(not findings, "\n".join(findings) or "every resource has the properties of its API version")
    claim(scaler_may_read(template), "the scaler of receivers may read the length of their queue")
    for text, findings_of, mistakes in ((template, template_findings, PLANTED),
                                        (instances, instances_findings, PLANTED_INSTANCES)):
        for old, new, said in mistakes:
            found = findings_of(planted(text, old, new))
            claim(any(said in one for one in found), f"a mistake is found: {new.strip() or 'without ' + old.strip()}")
    for old, new in PLANTED_RIGHTS:
        claim(not scaler_may_read(planted(template, old, new)),
              f"a missing right is found: {new.strip() or 'without ' + old.strip()}")


if __name__ == "__main__":
    testify(main)
