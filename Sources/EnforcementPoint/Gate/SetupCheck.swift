// Whether the gate knows the gateway, its surface and its actor, before the first call is lost to a wrong setup.

package import Bytes

/// What the gate says to a gateway that is about to start.
package enum SetupFinding: Sendable {
    /// The gate answers; so many tools are mapped.
    case ready(toolCount: Int)
    /// The gate will not serve this gateway until somebody changes the setup.
    case refused(String)
    /// The gate does not say; it may later.
    case unknown(GateFailure)
}

extension RemoteGate {
    /// Fetches the map of tools once.
    ///
    /// The deadline is on the monotonic clock, in nanoseconds. Nothing is permitted by any finding: each call asks
    /// anew.
    package func checkSetup(of surface: Text, for actor: Text, deadline: UInt64) -> SetupFinding {
        do throws(GateFailure) {
            let reply = try wire.send(Self.toolsCall(of: surface, for: actor), deadline: deadline)
            switch reply.status {
            // No valid token, not this gateway's actor or surface, no such surface: waiting changes none of them.
            case 401, 403, 404: return .refused(Self.words(reply))
            default: return .ready(toolCount: try ToolMap(reply, surface: surface).tools.count)
            }
        } catch {
            return .unknown(error)
        }
    }

    private static func words(_ reply: GateReply) -> String {
        guard reply.mediaType == "application/problem+json",
            let value = try? JSONValue(parsing: reply.body, limits: AnswerReader.limits)
        else { return "status \(reply.status)" }
        return Problem.describe(value, status: reply.status)
    }
}
