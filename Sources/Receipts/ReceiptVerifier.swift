// Checking receipts offline.

package import Authorization
internal import Bytes
package import Cryptography
internal import Transparency

/// Checks receipts with nothing but the public keys of logs and the asker's own view of the action.
package struct ReceiptVerifier: Sendable {
    /// The most keys of logs that a verifier takes.
    package static let keysMax = 32

    private let keys: [NoteVerifierKey]

    /// Trusts the logs of these keys, each only under its own name.
    package init(keys: [NoteVerifierKey]) {
        self.keys = Array(keys.prefix(Self.keysMax))
    }

    /// Checks the bytes of a receipt; the question is what it is to authorize, nil when nobody asks.
    package func report(on bytes: [UInt8], question: AuthorizationQuestion? = nil) -> VerificationReport {
        let receipt: VerifiedReceipt
        do throws(ReceiptError) {
            receipt = try verified(Receipt(parsing: bytes))
        } catch {
            let authorizes: ClaimFinding = question == nil ? .notAsked : .fails("the receipt is not authentic")
            return VerificationReport(
                authentic: .fails(error.description),
                authorizes: authorizes,
                receipt: nil,
                remarks: []
            )
        }
        guard let question else {
            return VerificationReport(authentic: .holds, authorizes: .notAsked, receipt: receipt, remarks: [])
        }
        do throws(AuthorizationFailure) {
            let remarks = try authorizes(receipt, question)
            return VerificationReport(authentic: .holds, authorizes: .holds, receipt: receipt, remarks: remarks)
        } catch {
            return VerificationReport(
                authentic: .holds,
                authorizes: .fails(error.description),
                receipt: receipt,
                remarks: []
            )
        }
    }

    /// Checks that one of the logs has the statement.
    ///
    /// - Throws: The reason of the key whose name the checkpoint bears, else that of the last one.
    package func verified(_ receipt: Receipt) throws(ReceiptError) -> VerifiedReceipt {
        var failure = ReceiptError.proof(.checkpoint(.unsigned))
        for key in keys {
            do throws(ReceiptError) {
                return try receipt.verified(by: key)
            } catch {
                if receipt.proof.checkpoint.signatures.contains(where: { $0.name == key.name }) || keys.count == 1 {
                    failure = error
                }
            }
        }
        throw failure
    }

    /// Checks that an authentic receipt authorizes the action of the question.
    ///
    /// - Returns: What the receipt cannot tell.
    /// - Throws: ``AuthorizationFailure`` with the first reason against it.
    package func authorizes(
        _ receipt: VerifiedReceipt,
        _ question: AuthorizationQuestion
    ) throws(AuthorizationFailure) -> [String] {
        guard case .decision(let decision) = receipt.statement else {
            throw .notADecision(receipt.statement.typeName)
        }
        guard decision.ruling.outcome == .permit, let permit = decision.ruling.permit else {
            throw .outcome(decision.ruling.outcome)
        }
        try checkSubject(of: decision, question)
        guard permit.audience.contains(question.audience) else { throw .notInAudience }
        switch question.moment {
        case .time(let time):
            guard permit.redemption == nil else { throw .redeemed }
            guard time >= decision.header.time else { throw .notYet }
            guard time < permit.expires else { throw .expired }
            return ["whether it was redeemed, or halted, since then is not in the receipt"]
        case .attempt(let attempt):
            let terms = try redemption(of: permit, receipt, question)
            guard terms.by == question.audience else { throw .otherEnforcementPoint }
            guard constantTimeEquals(terms.attempt, attempt.digest) else { throw .otherAttempt }
            return [
                "the action had to be started by \(StatementTime.text(terms.actBy)); when it was is not in the receipt"
            ]
        }
    }

    /// Checks that the statement speaks of the very action, session and key of the question.
    private func checkSubject(
        of decision: DecisionStatement,
        _ question: AuthorizationQuestion
    ) throws(AuthorizationFailure) {
        let request = question.request
        let subject = decision.subject
        let nonce = question.opening
        guard RequestRecord(request, nonce: nonce).commitment == subject.commitment else { throw .subject }
        // The commitment binds them all; that the readable members agree keeps people from reading another action.
        guard subject.actor == request.actor else { throw .member("actor") }
        switch subject.surface {
        case .plain(let text): guard text == request.surface else { throw .member("surface") }
        case .blinded(let digest):
            guard digest == Blinding.digest(of: request.surface, member: "surface", nonce: nonce) else {
                throw .member("surface")
            }
        }
        switch subject.action {
        case .plain(let text): guard text == request.action else { throw .member("action") }
        case .blinded(let digest):
            guard digest == Blinding.digest(of: request.action, member: "action", nonce: nonce) else {
                throw .member("action")
            }
        }
        switch subject.target {
        case .plain(let name): guard name == request.target else { throw .member("target") }
        case .blinded(let digest):
            guard digest == Blinding.digest(of: request.target, member: "target", nonce: nonce) else {
                throw .member("target")
            }
        }
        let session = request.session.map { Blinding.digest(of: $0, member: "session", nonce: nonce) }
        guard subject.session == session else { throw .member("session") }
    }

    /// The redemption: in the decision, or in a statement of its own whose receipt was given.
    private func redemption(
        of permit: PermitTerms,
        _ decision: VerifiedReceipt,
        _ question: AuthorizationQuestion
    ) throws(AuthorizationFailure) -> RedemptionTerms {
        if let redemption = permit.redemption { return redemption }
        guard let receipt = question.redemption else { throw .redemptionMissing }
        let verified: VerifiedReceipt
        do throws(ReceiptError) {
            verified = try self.verified(receipt)
        } catch {
            throw .redemption(error.description)
        }
        guard case .redemption(let statement) = verified.statement else {
            throw .redemption("its statement is of type `\(verified.statement.typeName)`")
        }
        guard statement.header.origin == decision.statement.header.origin,
            statement.decision.index == decision.receipt.index, statement.decision.leaf == decision.receipt.leaf
        else { throw .redemption("it redeems another decision") }
        guard statement.header.time < permit.expires else { throw .expired }
        return statement.redemption
    }
}

/// Why an authentic receipt does not authorize the action at hand.
package enum AuthorizationFailure: Error, Hashable, Sendable {
    /// The statement is no decision.
    case notADecision(String)
    /// The outcome is not PERMIT.
    case outcome(Outcome)
    /// The subject does not open: it is another action, another session or key, or another nonce.
    case subject
    /// A readable member of the statement is not that of the action.
    case member(String)
    /// The enforcement point is not in the audience.
    case notInAudience
    /// It was redeemed with the decision, so it is not redeemable any more.
    case redeemed
    /// The time lies before the decision.
    case notYet
    /// The PERMIT had ended.
    case expired
    /// Another enforcement point redeemed it.
    case otherEnforcementPoint
    /// It was redeemed for another attempt.
    case otherAttempt
    /// The decision was not redeemed in the same statement, and no receipt of a redemption was given.
    case redemptionMissing
    /// The receipt of the redemption does not hold.
    case redemption(String)
}

extension AuthorizationFailure: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .notADecision(let type): "the statement is of type `\(type)`, not a decision"
        case .outcome(let outcome): "the outcome is \(outcome.rawValue)"
        case .subject: "the opening and this request do not give the statement's subject"
        case .member(let name): "the statement's `\(name)` is not that of the request"
        case .notInAudience: "the audience does not contain this enforcement point"
        case .redeemed: "it was redeemed with the decision: ask with the attempt"
        case .notYet: "the time lies before the decision"
        case .expired: "the PERMIT had ended"
        case .otherEnforcementPoint: "another enforcement point redeemed it"
        case .otherAttempt: "it was redeemed for another attempt"
        case .redemptionMissing: "it was not redeemed with the decision: give the receipt of its redemption"
        case .redemption(let reason): "the redemption does not hold: \(reason)"
        }
    }
}
