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
        case .decide: [.actor, .enforcement]
        // Everybody may ask for a decision by its id; the asker, operators and auditors get it.
        case .lookUp: [.actor, .enforcement, .operator, .auditor]
        case .redeem, .reportEffect, .listTools: [.enforcement]
        case .listAgents, .addAgent, .rotateAgent, .retireAgent, .listHalts, .halt, .resume: [.operator]
        case .readTile, .readMetrics: [.operator, .auditor]
        case .checkReadiness: Set(Role.allCases)
        case .readCheckpoint, .checkHealth, .describe: nil
        }
    }
}
