/// A status code of a response, 100 to 599.
package struct HTTPStatus: Hashable, Comparable, Sendable {
    /// The three-digit code.
    package let code: UInt16

    /// Makes a status from its code; nil outside 100 to 599 (RFC 9110 section 15).
    package init?(code: UInt16) {
        guard code >= 100, code <= 599 else {
            return nil
        }
        self.code = code
    }

    private init(known code: UInt16) {
        self.code = code
    }

    /// Orders statuses by code.
    package static func < (left: HTTPStatus, right: HTTPStatus) -> Bool {
        left.code < right.code
    }

    /// 200.
    package static let ok = HTTPStatus(known: 200)
    /// 201.
    package static let created = HTTPStatus(known: 201)
    /// 202.
    package static let accepted = HTTPStatus(known: 202)
    /// 204.
    package static let noContent = HTTPStatus(known: 204)
    /// 302.
    package static let found = HTTPStatus(known: 302)
    /// 303.
    package static let seeOther = HTTPStatus(known: 303)
    /// 304.
    package static let notModified = HTTPStatus(known: 304)
    /// 400.
    package static let badRequest = HTTPStatus(known: 400)
    /// 401.
    package static let unauthorized = HTTPStatus(known: 401)
    /// 403.
    package static let forbidden = HTTPStatus(known: 403)
    /// 404.
    package static let notFound = HTTPStatus(known: 404)
    /// 405.
    package static let methodNotAllowed = HTTPStatus(known: 405)
    /// 406.
    package static let notAcceptable = HTTPStatus(known: 406)
    /// 408.
    package static let requestTimeout = HTTPStatus(known: 408)
    /// 409.
    package static let conflict = HTTPStatus(known: 409)
    /// 410.
    package static let gone = HTTPStatus(known: 410)
    /// 413.
    package static let contentTooLarge = HTTPStatus(known: 413)
    /// 414.
    package static let targetTooLong = HTTPStatus(known: 414)
    /// 415.
    package static let unsupportedMediaType = HTTPStatus(known: 415)
    /// 417.
    package static let expectationFailed = HTTPStatus(known: 417)
    /// 421.
    package static let misdirectedRequest = HTTPStatus(known: 421)
    /// 422.
    package static let unprocessableContent = HTTPStatus(known: 422)
    /// 429.
    package static let tooManyRequests = HTTPStatus(known: 429)
    /// 431.
    package static let fieldsTooLarge = HTTPStatus(known: 431)
    /// 500.
    package static let internalServerError = HTTPStatus(known: 500)
    /// 501.
    package static let notImplemented = HTTPStatus(known: 501)
    /// 502.
    package static let badGateway = HTTPStatus(known: 502)
    /// 503.
    package static let serviceUnavailable = HTTPStatus(known: 503)
    /// 504.
    package static let gatewayTimeout = HTTPStatus(known: 504)
    /// 505.
    package static let versionNotSupported = HTTPStatus(known: 505)

    /// The reason phrase that the writer sends; empty for codes without one here, which RFC 9112 section 4 allows.
    package var reason: StaticString {
        switch code {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }

    /// Whether a response with this status never has a body (RFC 9110 section 6.4.1).
    package var forbidsBody: Bool {
        code < 200 || code == 204 || code == 304
    }
}
