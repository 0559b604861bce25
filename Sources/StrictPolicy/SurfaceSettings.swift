// What `surface.json` says about a surface.

package import Bytes

/// The settings of one surface; every bound has been checked.
package struct SurfaceSettings: Hashable, Sendable {
    /// Who answers for the surface, for people.
    package let owner: Text?
    /// The Cedar namespace of its types and actions.
    package let namespace: Text
    /// The enforcement points that may redeem, ascending by bytes.
    package let audience: [Text]
    /// Whether every request needs an idempotency key.
    package let irreversible: Bool
    /// The time for a decision up to the hand-over to the log.
    package let deadlineMilliseconds: Int64
    /// The time to start the action after its redemption.
    package let actMilliseconds: Int64
    /// The time for the report after that; past it the effect reads `unknown`.
    package let effectMilliseconds: Int64
    /// How long a settled key is remembered.
    package let windowSeconds: Int64
    /// The tools of an MCP server, ascending by name; nil if the surface is no MCP server.
    package let mcpTools: [ToolMapping]?
    /// The names that a command gets from the gateway's environment, ascending; nil if the surface runs no commands.
    package let execEnvironment: [Text]?

    /// The mapping of a tool.
    package func tool(_ name: Text) -> ToolMapping? { mcpTools?.first { $0.tool == name } }
}

/// How a tool's call becomes a request.
package struct ToolMapping: Hashable, Sendable {
    /// Where the target's id comes from.
    package enum TargetID: Hashable, Sendable {
        /// Always this one.
        case constant(Text)
        /// From the arguments, at this JSON pointer (RFC 6901).
        case pointer(Text)
    }

    /// The tool's name.
    package let tool: Text
    /// The action on the surface.
    package let action: Text
    /// The target's type, with or without a namespace.
    package let targetType: Text
    /// The target's id.
    package let targetID: TargetID
    /// JSON pointers to the arguments that make the idempotency key, in their order; empty if none do.
    package let key: [Text]
}

/// The bounds and defaults of `surface.json`.
package enum SurfaceLimits {
    /// The time for a decision where nothing else is said, in milliseconds.
    package static let deadlineMillisecondsDefault: Int64 = 250
    /// The time to start the action where nothing else is said, in milliseconds.
    package static let actMillisecondsDefault: Int64 = 5_000
    /// The time for the report where nothing else is said, in milliseconds.
    package static let effectMillisecondsDefault: Int64 = 60_000
    /// The life of a settled key where nothing else is said, in seconds.
    package static let windowSecondsDefault: Int64 = 86_400
    /// The time for a decision, in milliseconds.
    package static let deadlineMilliseconds: ClosedRange<Int64> = 1...5_000
    /// The time to start the action, in milliseconds.
    package static let actMilliseconds: ClosedRange<Int64> = 100...60_000
    /// The time for the report, in milliseconds; a day at most.
    package static let effectMilliseconds: ClosedRange<Int64> = 1...86_400_000
    /// The life of a settled key, in seconds; ten years at most.
    package static let windowSeconds: ClosedRange<Int64> = 3_600...315_360_000
    /// The number of enforcement points.
    package static let audience: ClosedRange<Int> = 1...16
    /// The most tools.
    package static let toolsMax = 10_000
    /// The most pointers of one key.
    package static let keyPointers: ClosedRange<Int> = 1...8
    /// The most bytes of a pointer.
    package static let pointerBytesMax = 512
    /// The most names of the environment.
    package static let environmentMax = 256
}
