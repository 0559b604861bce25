// What a verifier found, claim by claim.

package import Authorization
package import Bytes

/// What became of one claim.
package enum ClaimFinding: Hashable, Sendable {
    /// It was checked and holds.
    case holds
    /// It was asked for and does not hold, for this reason.
    case fails(String)
    /// It could be asked for, and was not.
    case notAsked
    /// This verifier does not check it, for this reason.
    case notChecked(String)

    /// The word of the JSON output.
    package var word: String {
        switch self {
        case .holds: "holds"
        case .fails: "fails"
        case .notAsked: "not_asked"
        case .notChecked: "not_checked"
        }
    }

    /// The reason, where there is one.
    package var reason: String? {
        switch self {
        case .holds, .notAsked: nil
        case .fails(let reason), .notChecked(let reason): reason
        }
    }
}

/// The claims that a receipt can make, each with what was found.
package struct VerificationReport: Hashable, Sendable {
    /// The statement is in the tree of that signed checkpoint.
    package let authentic: ClaimFinding
    /// A quorum of witnesses has seen the checkpoint.
    package let witnessed = ClaimFinding.notChecked("witnesses are not supported by this release")
    /// The statement authorizes the action at hand.
    package let authorizes: ClaimFinding
    /// The people whose consent was needed gave it.
    package let consented = ClaimFinding.notChecked("approvals are not supported by this release")
    /// The log as a whole keeps its promises.
    package let complete = ClaimFinding.notChecked("needs the whole log: `writ log audit`")
    /// The receipt, when it is authentic.
    package let receipt: VerifiedReceipt?
    /// What the receipt alone cannot tell about a claim that holds.
    package let remarks: [String]

    /// Makes a report.
    init(authentic: ClaimFinding, authorizes: ClaimFinding, receipt: VerifiedReceipt?, remarks: [String]) {
        self.authentic = authentic
        self.authorizes = authorizes
        self.receipt = receipt
        self.remarks = remarks
    }

    /// Whether every claim that was asked for holds: authenticity always is.
    package var isVerified: Bool {
        guard authentic == .holds else { return false }
        switch authorizes {
        case .holds, .notAsked: return true
        case .fails, .notChecked: return false
        }
    }
}

/// The question whether a receipt authorizes one action, in the asker's own words.
package struct AuthorizationQuestion: Sendable {
    /// When or for which attempt the PERMIT is to hold.
    package enum Moment: Hashable, Sendable {
        /// It was redeemed for this attempt.
        case attempt(Nonce)
        /// It is still redeemable at this time, in milliseconds since 1970.
        case time(Int64)
    }

    /// The action at hand as the asker sees it, with session and idempotency key where they were given.
    package let request: Request
    /// The nonce of the opening.
    package let opening: Nonce
    /// The enforcement point.
    package let audience: Text
    /// When, or for which attempt.
    package let moment: Moment
    /// The receipt of the redemption, when it was not made with the decision.
    package let redemption: Receipt?

    /// Makes a question.
    package init(request: Request, opening: Nonce, audience: Text, moment: Moment, redemption: Receipt? = nil) {
        self.request = request
        self.opening = opening
        self.audience = audience
        self.moment = moment
        self.redemption = redemption
    }
}
