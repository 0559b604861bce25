// Who is at the other end of a connection.

import Authority
import Authorization
import Bytes
import Cryptography
import HTTP
import Runtime

/// Finds the caller of a request: by its bearer token, else by the peer credentials of the Unix socket.
///
/// A token that was checked is remembered for its connection, with the authority that it was checked against: a
/// rotation, a retirement or any other change makes it be checked again. Used on the loop's thread only.
struct Authenticator {
    /// What was checked on a connection.
    private struct Checked {
        let token: [UInt8]
        let epoch: UInt64
        let caller: Caller
    }

    /// The most checks that are remembered; the oldest make way.
    static let checkedMax = 1_024
    private static let scheme = Array("bearer ".utf8)

    private let operators: Set<UInt32>
    private var checked: [Checked?] = Array(repeating: nil, count: checkedMax)
    private var next = 0

    init(operators: [UInt32]) {
        self.operators = Set(operators)
    }

    /// Whether a user of the machine operates the gate by configuration.
    func isOperator(_ user: UInt32) -> Bool { operators.contains(user) }

    /// The caller of a request.
    ///
    /// - Returns: nil if the request comes with no credential at all, from anybody over TCP or an unknown user of the
    ///   machine.
    /// - Throws: ``Problem`` if it has a credential that is wrong: a bad token is never made good by the user who
    ///   sends it.
    mutating func caller(
        _ request: borrowing RequestView,
        _ exchange: HTTPExchange,
        _ server: HTTPServer,
        _ authority: AuthoritySnapshot
    ) throws(Problem) -> Caller? {
        switch request.lookUp("authorization") {
        case .absent:
            switch server.peer(of: exchange) {
            case .unix(_, let user, _): return peer(user, authority)
            case .tcp, nil: return nil
            }
        case .repeated:
            throw Problem(.unauthenticated, "the field Authorization is given twice")
        case .one(let range):
            let value = unsafe request.bytes(of: range)
            guard value.count > Self.scheme.count,
                unsafe zip(value, Self.scheme).allSatisfy({ $0 | ($1 == 0x20 ? 0 : 0x20) == $1 })
            else { throw Problem(.unauthenticated, "the field Authorization must be `Bearer` and a token") }
            let token = unsafe [UInt8](value.dropFirst(Self.scheme.count))
            return try bearer(token, exchange, server, authority)
        }
    }

    /// The caller that a user of the machine is: an operator by configuration, or an identity.
    func peer(_ user: UInt32, _ authority: AuthoritySnapshot) -> Caller? {
        guard operators.contains(user) else { return authority.caller(peerUID: user) }
        return Caller(name: Text("operator-\(user)"), role: .operator, connection: Text("peer:operator-\(user)"))
    }

    private mutating func bearer(
        _ token: [UInt8],
        _ exchange: HTTPExchange,
        _ server: HTTPServer,
        _ authority: AuthoritySnapshot
    ) throws(Problem) -> Caller {
        if let tag = server.tag(of: exchange), tag > 0, let known = checked[Int(tag - 1) % Self.checkedMax],
            known.epoch == authority.epoch, constantTimeEquals(known.token, token)
        {
            return known.caller
        }
        guard let text = Text(utf8: token), let digest = BearerToken.digest(of: text),
            let caller = authority.caller(tokenHash: digest)
        else { throw Problem(.unauthenticated, "the token is not one of an active identity") }
        checked[next] = Checked(token: token, epoch: authority.epoch, caller: caller)
        server.setTag(UInt64(next) + 1, of: exchange)
        next = (next + 1) % Self.checkedMax
        return caller
    }
}
