// The calls of the HTTP API, and who may make them: docs/reference/http-api.md.

package import Authorization
package import HTTP

/// One call of the API.
package enum Call: CaseIterable, Hashable, Sendable {
    /// `POST /v1/decisions`
    case decide
    /// `GET /v1/decisions/{id}`
    case lookUp
    /// `POST /v1/decisions/{id}/redeem`
    case redeem
    /// `POST /v1/decisions/{id}/effect`
    case reportEffect
    /// `GET /v1/surfaces/{surface}/mcp`
    case listTools
    /// `GET /v1/agents`
    case listAgents
    /// `POST /v1/agents`
    case addAgent
    /// `POST /v1/agents/{name}/rotate`
    case rotateAgent
    /// `POST /v1/agents/{name}/retire`
    case retireAgent
    /// `GET /v1/halts`
    case listHalts
    /// `POST /v1/halts`
    case halt
    /// `POST /v1/halts/resume`
    case resume
    /// `GET /log/checkpoint`
    case readCheckpoint
    /// `GET /log/tile/…`
    case readTile
    /// `GET /healthz`
    case checkHealth
    /// `GET /readyz`
    case checkReadiness
    /// `GET /metrics`
    case readMetrics
    /// `GET /.well-known/writ`
    case describe

    /// The method; HEAD may stand for GET.
    package var method: HTTPMethod {
        switch self {
        case .decide, .redeem, .reportEffect, .addAgent, .rotateAgent, .retireAgent, .halt, .resume: .post
        case .lookUp, .listTools, .listAgents, .listHalts, .readCheckpoint, .readTile, .checkHealth, .checkReadiness,
            .readMetrics, .describe:
            .get
        }
    }

    /// The roles that may make the call; nil if no credential is needed.
    package var roles: Set<Role>? {
        switch self {
        case .decide: Self.askers
        // Everybody may ask for a decision by its id; the asker, operators and auditors get it.
        case .lookUp, .checkReadiness: Self.everybody
        case .redeem, .reportEffect, .listTools: Self.enforcers
        case .listAgents, .addAgent, .rotateAgent, .retireAgent, .listHalts, .halt, .resume: Self.operators
        case .readTile, .readMetrics: Self.readers
        case .readCheckpoint, .checkHealth, .describe: nil
        }
    }

    // Made once: a set for every request would cost more than looking into it.
    private static let askers: Set<Role> = [.actor, .enforcement]
    private static let everybody = Set(Role.allCases)
    private static let enforcers: Set<Role> = [.enforcement]
    private static let operators: Set<Role> = [.operator]
    private static let readers: Set<Role> = [.operator, .auditor]
}
