// Every bound of the MCP gateway.

package import Bytes

/// What the MCP gateway reads, keeps and waits for at most.
package enum MCPLimits {
    /// The most bytes of one line, in either direction; a result is one line.
    package static let lineBytesMax = 4 << 20
    /// The most calls and other requests that are open at once.
    package static let requestsMax = 64
    /// The most bytes of a tool's name.
    package static let toolNameBytesMax = 128
    /// The largest exponent of a number in an idempotency key, in either direction.
    package static let exponentMax = 999_999_999
    /// The most bytes of a cursor of `tools/list`.
    package static let cursorBytesMax = 4_096
    /// How long the server may take for one request.
    package static let callMilliseconds = 300_000
    /// The most results that are kept for replays.
    package static let replaysMax = 256
    /// The most bytes of results that are kept for replays.
    package static let replayBytesMax = 8 << 20
    /// The most calls that were given up and whose late answer is still reported.
    package static let abandonedMax = 64
    /// The most tools with an output schema that are remembered.
    package static let outputSchemasMax = 4_096
    /// The most lines about the server's garbage.
    package static let complaintsMax = 20
    /// The most bytes that wait to be written to one side before the other is no longer read.
    package static let outputBytesMax = 8 << 20
    /// The most threads that talk to the gate.
    package static let workersMax = 8
    /// How long the server has to end by itself once its input is closed.
    package static let endMilliseconds = 5_000
    /// How long the server has to end after SIGTERM.
    package static let terminateMilliseconds = 2_000
    /// The most clients of one listener at once.
    package static let clientsMax = 32

    /// The bounds of a message; integers may have 64 bits, because results of servers have them.
    static let message = JSONLimits(bytesMax: lineBytesMax, depthMax: 64, nodesMax: 400_000, integerMax: 1 << 63)
}

/// The protocol revisions that the gateway speaks.
package enum MCPRevision {
    /// The revisions with a handshake, the newest first.
    package static let handshake: [Text] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
    /// The revisions without one.
    package static let stateless: [Text] = ["2026-07-28"]
}
