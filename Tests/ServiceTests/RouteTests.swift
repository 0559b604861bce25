import Authorization
import Bytes
import HTTP
import Service
import Testing

@Suite struct RouteTests {
    private static let id = "01JD3Z5K9V7Q2M8N4R6T0W1X3Y"

    /// One path for each call.
    static let paths: [Call: String] = [
        .decide: "/v1/decisions", .lookUp: "/v1/decisions/\(id)", .redeem: "/v1/decisions/\(id)/redeem",
        .reportEffect: "/v1/decisions/\(id)/effect", .listTools: "/v1/surfaces/platform/mcp",
        .listAgents: "/v1/agents", .addAgent: "/v1/agents", .rotateAgent: "/v1/agents/ops-bot/rotate",
        .retireAgent: "/v1/agents/ops-bot/retire", .listHalts: "/v1/halts", .halt: "/v1/halts",
        .resume: "/v1/halts/resume", .readCheckpoint: "/log/checkpoint", .readTile: "/log/tile/0/000.p/1",
        .checkHealth: "/healthz", .checkReadiness: "/readyz", .readMetrics: "/metrics", .describe: "/.well-known/writ",
    ]

    @Test(arguments: Call.allCases)
    func everyCallHasItsPath(call: Call) throws {
        let path = try #require(Self.paths[call])
        guard case .found(let route) = Route.match(call.method, path) else {
            Issue.record("\(path) is not found")
            return
        }
        #expect(route.call == call)
        #expect(Route.match(.delete, path) != .found(route))
    }

    @Test func headStandsForGet() {
        #expect(Route.match(.head, "/healthz") == .found(Route(.checkHealth)))
        #expect(Route.match(.head, "/v1/decisions") == .wrongMethod([.post]))
    }

    @Test func aPathWithOtherMethodsNamesThem() {
        #expect(Route.match(.put, "/v1/agents") == .wrongMethod([.get, .post]))
        #expect(Route.match(.post, "/healthz") == .wrongMethod([.get]))
    }

    @Test(arguments: [
        "/", "", "//", "/v1", "/v1/decisions/", "/v1/decisions//redeem", "/v1/decisions/x/y", "/v1/decisions/x/redeem/",
        "/V1/decisions", "/v1/decisions?", "/v1/%64ecisions", "/v1/agents/", "/v1/agents//rotate", "/v1/agents/a",
        "/v1/agents/%zz/rotate", "/v1/agents/%00/rotate", "/v1/agents/%ff/rotate", "/v1/surfaces//mcp", "/log/",
        "/log/checkpoint/", "/log/segments/0000000000000000.segment", "/log/../keys/log.key", "/healthz/",
    ])
    func anythingElseIsNotFound(path: String) {
        #expect(Route.match(.get, path) == .notFound)
        #expect(Route.match(.post, path) == .notFound)
    }

    @Test func namesOfAgentsAreDecodedOnce() {
        let spiffe = "/v1/agents/spiffe%3A%2F%2Fa%2Fb/retire"
        #expect(Route.match(.post, spiffe) == .found(Route(.retireAgent, "spiffe://a/b")))
        #expect(Route.match(.post, "/v1/agents/a%2562/retire") == .found(Route(.retireAgent, "a%62")))
        #expect(Route.match(.post, "/v1/agents/a/b/retire") == .found(Route(.retireAgent, "a/b")))
    }

    @Test(arguments: ["ops-bot", "a b/c%", "ü", "spiffe://a/b"])
    func percentEncodingComesBack(text: String) {
        #expect(Percent.decode(Percent.encode(Text(text))) == Text(text))
    }

    @Test func aPathIsLimited() {
        let most = "/v1/agents/" + String(repeating: "a", count: Route.pathBytesMax - 18) + "/rotate"
        #expect(most.utf8.count == Route.pathBytesMax)
        #expect(Route.match(.post, most) != .notFound)
        #expect(Route.match(.post, most.replacing("/rotate", with: "a/rotate")) == .notFound)
    }

    @Test(arguments: Cause.allCases)
    func onlyInfrastructureIs503(cause: Cause) {
        let isUnable = cause.causeClass == .infrastructure
        #expect(StatusOf.ruling(cause) == (isUnable ? .serviceUnavailable : .ok))
        #expect(!isUnable || cause.outcome == .silence)
    }

    @Test(arguments: Problem.Name.allCases)
    func everyProblemIsARefusalWithADocument(name: Problem.Name) throws {
        let problem = Problem(name, "why")
        #expect(problem.status >= .badRequest)
        let value = try JSONValue(parsing: problem.json)
        #expect(value["type"]?.string == Text("urn:writ:problem:\(name.rawValue)"))
        #expect(value["status"]?.integer == Int64(problem.status.code))
        #expect(value["detail"]?.string == "why")
    }
}
