"""A scripted agent: the official MCP client, and a fixed list of what to try.

It is configured as any agent is: with a command that starts its MCP server. Here that command is the relay to the
gateway. It does one step for each line that it reads, and prints what came of it as one line of JSON.

    python agent.py RELAY [ARGUMENTS…]        reads {"do": "call", "tool": …, "arguments": …, "key": …}
                                                    {"do": "tools"}, {"do": "reconnect"}, {"do": "attempt", "what": …, …}
"""

import asyncio
import json
import os
import sys

from mcp import Client, StdioServerParameters

#: The member of a call's `_meta` by which a client names its idempotency key.
KEY = "writ/idempotency-key"
#: The member of a result's `_meta` in which the gateway says what was ruled.
RULING = "writ/ruling"
#: The member of a result's `_meta` that marks the result of an earlier call.
REPLAYED = "writ/replayed"
#: How long a call may take, in seconds.
TIMEOUT = 20


async def call(client, step):
    meta = {KEY: step["key"]} if "key" in step else None
    result = await client.call_tool(step["tool"], step["arguments"], read_timeout_seconds=TIMEOUT, meta=meta)
    result_meta = dict(result.meta or {})
    return {
        "is_error": bool(result.is_error),
        "text": "\n".join(block.text for block in result.content if block.type == "text"),
        "ruling": result_meta.get(RULING),
        "replayed": result_meta.get(REPLAYED, False),
    }


async def tools(client, step):
    return {"tools": sorted(tool.name for tool in (await client.list_tools()).tools)}


def attempt(step):
    """Tries what an agent should not be able to do, as the user that this process is."""
    try:
        if step["what"] == "read":
            with open(step["path"], "rb") as file:
                file.read(1)
        elif step["what"] == "write":
            with open(step["path"], "ab"):
                pass
        elif step["what"] == "kill":
            # Signal 0 asks for the right to send one, and sends none.
            os.kill(step["pid"], 0)
        else:
            raise ValueError(step["what"])
    except PermissionError as error:
        return {"refused": True, "why": error.strerror}
    return {"refused": False, "why": ""}


async def next_step():
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    return json.loads(line) if line else None


def answer(value):
    print(json.dumps(value), flush=True)


async def session(relay, mode):
    """One connection; answers the mode of the next one, or None at the end."""
    async with Client(relay, mode=mode) as client:
        answer({"connected": client.protocol_version})
        while (step := await next_step()) is not None:
            if step["do"] == "reconnect":
                return step["mode"]
            if step["do"] == "attempt":
                answer(attempt(step))
            elif step["do"] == "tools":
                answer(await tools(client, step))
            else:
                answer(await call(client, step))
    return None


async def main():
    relay = StdioServerParameters(command=sys.argv[1], args=sys.argv[2:])
    mode = "auto"
    while mode is not None:
        mode = await session(relay, mode)


if __name__ == "__main__":
    asyncio.run(main())
