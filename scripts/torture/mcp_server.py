"""A small MCP server over stdio with one tool; each call of it is one line in the file EFFECTS.

Usage: mcp_server.py EFFECTS
"""

import json
import sys

TOOL = {
    "name": "delete_variable",
    "inputSchema": {"type": "object", "properties": {"project": {"type": "string"}, "name": {"type": "string"}}},
}


def answer(message, effects):
    method = message["method"]
    if method == "initialize":
        version = message["params"]["protocolVersion"]
        return {"protocolVersion": version, "capabilities": {"tools": {}},
                "serverInfo": {"name": "variables", "version": "1"}}
    if method == "tools/list":
        return {"tools": [TOOL]}
    if method == "tools/call":
        with open(effects, "a", encoding="ascii") as out:
            out.write(message["params"]["arguments"]["name"] + "\n")
        return {"content": [{"type": "text", "text": "deleted"}]}
    return {}


def main(effects):
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message and "method" in message:
            print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": answer(message, effects)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
