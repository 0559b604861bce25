/// The request methods that this implementation knows; every other one is answered with 501.
package enum HTTPMethod: UInt8, CaseIterable, Hashable, Sendable {
    /// `GET`.
    case get
    /// `HEAD`.
    case head
    /// `POST`.
    case post
    /// `PUT`.
    case put
    /// `PATCH`.
    case patch
    /// `DELETE`.
    case delete
    /// `OPTIONS`.
    case options

    /// The method's only spelling (RFC 9110 section 9.1: methods are case-sensitive).
    package var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        }
    }
}

extension HTTPMethod {
    /// All methods, the usual ones of an interface first; a fixed-size array, so that looking one up allocates nothing.
    static let byFrequency: [7 of HTTPMethod] = [.post, .get, .put, .patch, .delete, .head, .options]
}
