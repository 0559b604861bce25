// What happens to a session, and what it wants done.

import Bytes

/// Something that happened.
package enum MCPEvent: Sendable {
    /// The client sent a line.
    case clientLine([UInt8])
    /// The client sent a line that is longer than ``MCPLimits/lineBytesMax``.
    case clientLineTooLong
    /// The server sent a line.
    case serverLine([UInt8])
    /// The server sent a line that is longer than ``MCPLimits/lineBytesMax``.
    case serverLineTooLong
    /// The gate's answer to the question of a call.
    case asked(number: Int, Asked)
    /// The gate's answer to the report of a call.
    case reported(number: Int, ReportAnswer)
    /// The map of tools.
    case tools(number: Int, Result<ToolMap, GateFailure>)
    /// Time passed.
    case tick
    /// The client will send nothing more.
    case clientEnded
    /// The server is gone.
    case serverEnded
}

/// Something to do.
package enum MCPAction: Sendable {
    /// Send a line to the client.
    case toClient([UInt8])
    /// Send a line to the server.
    case toServer([UInt8])
    /// Ask the gate; without redeeming, nothing can follow from the answer.
    case ask(number: Int, Intent, redeeming: Bool)
    /// Report an effect.
    case report(number: Int, Redeemed, Effect)
    /// Fetch the map of tools.
    case fetchTools(number: Int)
    /// Tell a person.
    case say(String)
}
