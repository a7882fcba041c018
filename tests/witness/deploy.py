"""What deploys mistnet parses, and says only what mistnet understands.

The checkers are those that others wrote: yamllint, the schema of Compose files, a parser of Bicep
and a linter of Dockerfiles. Beyond them: every environment variable that a file sets is one of
docs/configuration.md, and every command line is one that mistnet takes. Whether the resources have
the properties of their API versions is bicep.py's business.

Usage: deploy.py NODE_MODULES
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pycep
import yaml
from rig import BINARY, ROOT, claim, testify

DEPLOY = ROOT / "deploy"
COMPOSE, INSTANCES = DEPLOY / "compose.yaml", DEPLOY / "azure" / "container-instances.yaml"
BICEP, DOCKERFILE = DEPLOY / "azure" / "main.bicep", DEPLOY / "Dockerfile"
# Not ours to document: what Azure's own libraries read, and how Rust is built.
OF_OTHERS = {"RUSTFLAGS"}


def succeeds(*command):
    """Whether a checker has nothing to say; what it said otherwise."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout + done.stderr, file=sys.stderr)
    return done.returncode == 0


def check_forms(node_modules):
    """Every file is what its kind of file has to be."""
    module = (sys.executable, "-m")
    rules = "{extends: default, rules: {line-length: disable, braces: {max-spaces-inside: 1}," \
            " document-start: disable, comments-indentation: disable}}"
    claim(succeeds(*module, "yamllint", "-s", "-d", rules, str(COMPOSE), str(INSTANCES)),
          "yamllint has nothing to say")
    claim(succeeds(*module, "check_jsonschema", "--builtin-schema", "vendor.compose-spec",
                   str(COMPOSE)), "compose.yaml follows the Compose specification")
    linter = node_modules / "dockerfile-utils" / "bin" / "dockerfile-utils"
    claim(succeeds("node", str(linter), "lint", str(DOCKERFILE)),
          "the Dockerfile is one")


def bicep():
    """The template, parsed."""
    tree = pycep.BicepParser().parse(file_path=BICEP)
    kinds = {name: resource["type"] for name, resource in tree["resources"].items()}
    claim(len(kinds) == 17, f"main.bicep parses, and makes {len(kinds)} resources")
    queues = [name for name, kind in kinds.items() if kind == "Microsoft.ServiceBus/namespaces/queues"]
    claim(sorted(queues) == ["collectQueue", "storeQueue"], "two of them are queues")
    return BICEP.read_text(encoding="utf-8")


def variables(compose, instances, template):
    """Every environment variable that some file sets."""
    found = set(re.findall(r"name: '([A-Z][A-Z0-9_]+)'", template))
    for service in compose["services"].values():
        found |= set(service.get("environment") or {})
    for container in instances["properties"]["containers"]:
        found |= {one["name"] for one in container["properties"]["environmentVariables"]}
    found |= set(re.findall(r"\b((?:MISTNET|AZURE|X)_[A-Z_]+)=", DOCKERFILE.read_text("utf-8")))
    return found - OF_OTHERS


def command_lines(compose, instances, template):
    """Every command line that some file runs, without the program."""
    lines = [[str(word) for word in service["command"]]
             for name, service in compose["services"].items() if name != "azurite"]
    for container in instances["properties"]["containers"]:
        lines.append(container["properties"]["command"][1:])
        lines.append(container["properties"]["livenessProbe"]["exec"]["command"][1:])
    for words in re.findall(r"command: \['/mistnet', (.*)\]", template):
        lines.append(re.findall(r"'([^']*)'", words))
    for words in re.findall(r"^(?:CMD|ENTRYPOINT|HEALTHCHECK .*CMD) (\[.*\])$",
                            DOCKERFILE.read_text("utf-8"), re.MULTILINE):
        lines.append([word for word in json.loads(words) if word != "/mistnet"])
    return [line for line in lines if line]


def main():
    """All files."""
    check_forms(Path(sys.argv[1]))
    template = bicep()
    compose = yaml.safe_load(COMPOSE.read_text("utf-8"))
    instances = yaml.safe_load(INSTANCES.read_text("utf-8"))
    documented = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    names = variables(compose, instances, template)
    unknown = sorted(name for name in names if not re.search(rf"\b{name}\b", documented))
    claim(names and not unknown, f"all {len(names)} variables are documented {unknown or ''}")
    lines = command_lines(compose, instances, template)
    for line in lines:
        taken = subprocess.run([BINARY, *line, "--help"], capture_output=True, check=False)
        claim(taken.returncode == 0, f"mistnet takes: {' '.join(line)}")


if __name__ == "__main__":
    testify(main)
