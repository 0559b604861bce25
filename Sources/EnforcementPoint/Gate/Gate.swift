// What stands between an enforcement point and the decision: the same few calls, whatever carries them.

package import Authorization
package import Bytes

/// A decision point as an enforcement point sees it.
///
/// No call throws: what cannot be known is a value that does not let anything run.
package protocol Gate: AnyObject, Sendable {
    /// Asks for a ruling.
    ///
    /// The deadline of this and the other calls is on the monotonic clock, in nanoseconds; what comes later is a doubt.
    func decide(_ question: Question, deadline: UInt64) -> GateAnswer

    /// Redeems a PERMIT that was given without redemption.
    func redeem(_ id: Text, attempt: Nonce, deadline: UInt64) -> GateAnswer

    /// Reports what came of a dispatched action.
    func report(_ report: EffectReport, deadline: UInt64) -> ReportAnswer

    /// Fetches how tools of a surface become actions, and which of them the actor may see.
    func tools(of surface: Text, for actor: Text, deadline: UInt64) throws(GateFailure) -> ToolMap
}

/// One request to the gate, ready to be sent.
package struct Question: Sendable {
    /// The request as JSON, `redeem` included.
    package let body: [UInt8]
    /// The surface that the answer must name.
    package let surface: Text

    /// Makes a question.
    package init(body: [UInt8], surface: Text) {
        self.body = body
        self.surface = surface
    }
}

/// One whole reply, before anything in it is believed.
package struct GateReply: Sendable {
    /// The status of the HTTP response.
    package let status: UInt16
    /// Its media type, if it has exactly one.
    package let mediaType: String?
    /// Its body.
    package let body: [UInt8]

    /// Makes a reply.
    package init(status: UInt16, mediaType: String?, body: [UInt8]) {
        self.status = status
        self.mediaType = mediaType
        self.body = body
    }
}

/// Why there is no reply.
package enum GateFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The question never left: nothing was asked, nothing was claimed.
    case unreachable(String)
    /// The question may have arrived, the answer did not.
    case lost(String)
    /// The gate refuses the question itself, without a ruling: a problem document.
    case refused(String)
    /// A reply came, and it is not one that a gate gives.
    case irregular(String)

    /// One line for a person.
    package var description: String {
        switch self {
        case .unreachable(let why): "the gate cannot be reached: \(why)"
        case .lost(let why): "the gate's answer was lost: \(why)"
        case .refused(let why): "the gate refuses the question: \(why)"
        case .irregular(let why): "the gate's answer is not to be trusted: \(why)"
        }
    }
}
