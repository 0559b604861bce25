"""A small platform: projects with environment variables, as an MCP server over stdio.

It knows nothing of Writ and refuses nothing: whoever reaches it may delete whatever is there. It keeps its data in one
JSON file, and writes into the same file which calls reached it, so that anyone can see afterwards what was done.

    python platform_server.py DATA_FILE
"""

import fcntl
import json
import os
import sys
from contextlib import contextmanager

from mcp.server import MCPServer

server = MCPServer("platform", version="1.0.0", log_level="WARNING")
path = sys.argv[1]


@contextmanager
def data(tool, arguments):
    """The data of the file, for one call; every session has a server process of its own, so one at a time."""
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with open(path) as file:
            content = json.load(file)
        # That a call came is kept even if it then fails.
        content["calls"].append({"tool": tool, "arguments": arguments})
        write(content)
        yield content
        write(content)


def write(content):
    temporary = f"{path}.new"
    with open(temporary, "w") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


@server.tool()
def list_variables(project: str) -> str:
    """The names of a project's environment variables."""
    with data("list_variables", {"project": project}) as content:
        return "\n".join(sorted(content["projects"][project]))


@server.tool()
def delete_variable(project: str, name: str) -> str:
    """Deletes one environment variable of a project."""
    with data("delete_variable", {"project": project, "name": name}) as content:
        del content["projects"][project][name]
        return f"deleted {name} from {project}"


@server.tool()
def delete_variables(project: str, names: list[str]) -> str:
    """Deletes many environment variables of a project at once."""
    with data("delete_variables", {"project": project, "names": names}) as content:
        for name in names:
            del content["projects"][project][name]
        return f"deleted {len(names)} variables from {project}"


@server.tool()
def restart_project(project: str) -> str:
    """Restarts a project with the variables that it has now."""
    with data("restart_project", {"project": project}) as content:
        content["restarts"] += 1
        return f"restarted {project}"


if __name__ == "__main__":
    server.run("stdio")
