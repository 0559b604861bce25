// What the gate tells of itself, its log and its surfaces.

import Authority
import Authorization
import Bytes
import DecisionPoint
import HTTP
import Ledger
import Runtime
import State
import StrictPolicy
import Transparency

extension GateHandler {
    // MARK: The log

    func readCheckpoint(_ ticket: Ticket) throws(Problem) {
        guard let bytes = try published("checkpoint") else {
            throw Problem(.notFound, "no checkpoint has been published yet")
        }
        send(.ok, "text/plain; charset=utf-8", bytes, ticket, [("Cache-Control", "no-cache")])
    }

    func readTile(_ subject: Text, _ ticket: Ticket) throws(Problem) {
        guard TilePath(path: subject.utf8) != nil else { throw Problem(.notFound, "no tile has this path") }
        guard let bytes = try published(subject) else { throw Problem(.notFound, "the log has no such tile") }
        send(.ok, "application/octet-stream", bytes, ticket, [("Cache-Control", "max-age=31536000, immutable")])
    }

    private func published(_ path: Text) throws(Problem) -> [UInt8]? {
        do {
            return try parts.log.publishedFile(path)
        } catch {
            throw .unavailable(.logUnavailable, "the log cannot be read")
        }
    }

    // MARK: The gate

    func checkReadiness(_ ticket: Ticket) {
        let causes = pipeline.unreadiness
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("ready", causes.isEmpty)
        writer.member("causes", names: causes.map { Text($0.rawValue) })
        writer.endObject()
        send(causes.isEmpty ? .ok : .serviceUnavailable, "application/json", writer.bytes, ticket)
    }

    func readMetrics(_ ticket: Ticket) {
        let registry = parts.metrics.registry
        func set(_ name: StaticString, _ help: StaticString, _ value: Double) {
            registry.gauge(name, help).set(value)
        }
        set("writ_log_size", "Statements of the log.", Double(pipeline.parts.log.size))
        set("writ_state_lag", "Statements that the durable view does not have yet.", Double(pipeline.parts.state.lag))
        set("writ_halts", "Halts in force.", Double(pipeline.authority.haltsInForce.count))
        set("writ_in_flight", "Statements whose callers wait.", Double(pipeline.inFlight))
        set("writ_connections", "Open connections.", Double(ticket.server.connectionCount))
        set(
            "writ_bundle_version",
            "The version of the bundle in force.",
            Double(pipeline.bundle?.identity.version ?? 0)
        )
        set("writ_ready", "Whether the gate could PERMIT.", pipeline.unreadiness.isEmpty ? 1 : 0)
        var text: [UInt8] = []
        registry.append(to: &text)
        send(.ok, "text/plain; version=0.0.4; charset=utf-8", text, ticket)
    }

    func describe(_ ticket: Ticket) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("origin", pipeline.parts.origin)
        writer.member("log_key", parts.key)
        writer.member("engine", engineVersion)
        if let bundle = pipeline.bundle { bundle.identity.write(to: &writer) }
        // There are none in this release, and nobody should have to guess it.
        writer.member("witnesses", names: [])
        writer.endObject()
        send(.ok, "application/json", writer.bytes, ticket)
    }

    // MARK: Surfaces

    func listTools(_ name: Text, _ query: String?, _ caller: Caller, _ ticket: Ticket) throws(Problem) {
        let actor = try Self.actor(query)
        guard let identity = pipeline.authority.identity(caller.name), identity.actors.contains(actor),
            identity.surfaces.contains(name)
        else { throw Problem(.forbiddenRole, "the caller may not ask for this actor on this surface") }
        guard let bundle = pipeline.bundle else { throw .unavailable(.bundleUnavailable, "no policies are loaded") }
        guard let surface = bundle.surface(name) else {
            throw Problem(.unknownSurface, "there is no surface `\(name)`")
        }
        var writer = JSONWriter(capacity: 4_096)
        writer.beginObject()
        writer.member("surface", name)
        bundle.identity.write(to: &writer)
        writer.member("irreversible", surface.settings.irreversible)
        writer.name("tools")
        writer.beginObject()
        let agent = EntityName(type: AuthoritySnapshot.agentType, id: actor)
        for tool in surface.settings.mcpTools ?? [] {
            writer.name(tool.tool)
            tool.write(
                isVisible: bundle.couldPermit(actor: agent, surface: name, action: tool.action),
                to: &writer
            )
        }
        writer.endObject()
        writer.endObject()
        send(.ok, "application/json", writer.bytes, ticket)
    }

    /// The one member of the query.
    private static func actor(_ query: String?) throws(Problem) -> Text {
        let parts = (query ?? "").split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "actor", !parts[1].contains("&"),
            let name = Percent.decode(String(parts[1]))
        else { throw Problem(.malformedRequest, "the query must be `actor=NAME`") }
        return name
    }
}

extension ToolMapping {
    /// Writes how a tool's call becomes a request.
    fileprivate func write(isVisible: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("action", action)
        writer.name("target")
        writer.beginObject()
        writer.member("type", targetType)
        switch targetID {
        case .constant(let id): writer.member("id", id)
        case .pointer(let pointer): writer.member("pointer", pointer)
        }
        writer.endObject()
        if !key.isEmpty { writer.member("key", names: key) }
        writer.member("visible", isVisible)
        writer.endObject()
    }
}
