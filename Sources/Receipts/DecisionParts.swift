// The parts of a decision's statement.

package import Authorization
package import Bytes
internal import Cryptography

/// A value that stands in a statement as it is, or as a commitment that hides it.
package enum Disclosed<Value: Hashable & Sendable>: Hashable, Sendable {
    /// The bundle knows the value: it is the operator's own word.
    case plain(Value)
    /// The bundle does not know it: it stands blinded, see ``Blinding``.
    case blinded(Digest)
}

/// Policies as a statement lists them: the first of them by name, and a digest over all when there are more.
package struct PolicyList: Hashable, Sendable {
    /// The number of policies beyond the limit, and what stands for them.
    package struct More: Hashable, Sendable {
        /// How many policies there are in all.
        package let count: UInt64
        /// SHA-256 of the RFC 8785 form of the array of all their names.
        package let digest: Digest
    }

    /// The names, ascending by bytes: at most ``StatementLimits/policiesListedMax``.
    package let listed: [Text]
    /// What stands for the whole list when it is longer.
    package let more: More?

    /// No policies.
    package static let none = PolicyList(ofAscending: [])

    /// Lists policies of any order; a name that is there twice is listed once.
    package init(_ names: [Text]) {
        let isAscending = zip(names, names.dropFirst()).allSatisfy { $0 < $1 }
        self.init(ofAscending: isAscending ? names : Set(names).sorted())
    }

    private init(ofAscending names: [Text]) {
        guard names.count > StatementLimits.policiesListedMax else {
            listed = names
            more = nil
            return
        }
        var writer = StatementWriter(capacity: 64 * names.count)
        writer.texts(names)
        listed = Array(names.prefix(StatementLimits.policiesListedMax))
        more = More(count: UInt64(names.count), digest: SHA256.digest(of: writer.bytes))
    }

    /// Whether there is not a single policy.
    package var isEmpty: Bool { listed.isEmpty }

    init(_ predicate: StatementReader, _ name: Text, more moreName: Text) throws(StatementError) {
        listed = try predicate.ascendingTexts(name)
        guard listed.count <= StatementLimits.policiesListedMax else { throw predicate.invalid(name) }
        guard let reader = try predicate.optionalObject(moreName) else {
            more = nil
            return
        }
        let count = try reader.integer("count")
        guard listed.count == StatementLimits.policiesListedMax, count > UInt64(listed.count) else {
            throw predicate.invalid(moreName)
        }
        more = More(count: count, digest: try reader.digest("digest"))
    }
}

/// What was asked, as far as the statement shows it.
package struct DecisionSubject: Hashable, Sendable {
    /// SHA-256 of the request record.
    package let commitment: Digest
    /// The actor as asked.
    package let actor: EntityName
    /// The surface.
    package let surface: Disclosed<Text>
    /// The action.
    package let action: Disclosed<Text>
    /// The target.
    package let target: Disclosed<EntityName>
    /// The blinded session, if one was given.
    package let session: Digest?

    /// Makes the subject.
    package init(
        commitment: Digest,
        actor: EntityName,
        surface: Disclosed<Text>,
        action: Disclosed<Text>,
        target: Disclosed<EntityName>,
        session: Digest?
    ) {
        self.commitment = commitment
        self.actor = actor
        self.surface = surface
        self.action = action
        self.target = target
        self.session = session
    }
}

/// The one use of a PERMIT, when it was made with its decision.
package struct RedemptionTerms: Hashable, Sendable {
    /// The enforcement point.
    package let by: Text
    /// The SHA-256 of the attempt's 16 bytes.
    package let attempt: Digest
    /// When the action is started at the latest, in milliseconds since 1970.
    package let actBy: Int64

    /// Makes the terms.
    package init(by: Text, attempt: Digest, actBy: Int64) {
        self.by = by
        self.attempt = attempt
        self.actBy = actBy
    }

    init(_ reader: StatementReader) throws(StatementError) {
        by = try reader.text("by")
        attempt = try reader.digest("attempt")
        actBy = try reader.time("act_by")
    }
}

/// What only a PERMIT has.
package struct PermitTerms: Hashable, Sendable {
    /// The permit that was chosen, `surface/id`.
    package let grantedBy: Text
    /// The enforcement points that may redeem, ascending by bytes: 1 to ``StatementLimits/audienceMax``.
    package let audience: [Text]
    /// When the PERMIT ends if nobody redeemed it, in milliseconds since 1970.
    package let expires: Int64
    /// The redemption that was made with the decision.
    package let redemption: RedemptionTerms?

    /// Makes the terms.
    package init(grantedBy: Text, audience: [Text], expires: Int64, redemption: RedemptionTerms?) {
        self.grantedBy = grantedBy
        self.audience = audience
        self.expires = expires
        self.redemption = redemption
    }

    /// Whether the audience has the form that a statement demands, and a redeemer is in it.
    var isValid: Bool {
        (1...StatementLimits.audienceMax).contains(audience.count)
            && zip(audience, audience.dropFirst()).allSatisfy { $0 < $1 }
            && (redemption.map { audience.contains($0.by) } ?? true)
    }

    init(_ predicate: StatementReader) throws(StatementError) {
        grantedBy = try predicate.text("granted_by")
        audience = try predicate.texts("audience")
        expires = try predicate.time("expires")
        if let reader = try predicate.optionalObject("redemption") {
            redemption = try RedemptionTerms(reader)
        } else {
            redemption = nil
        }
    }
}

/// What was ruled.
package struct RecordedRuling: Hashable, Sendable {
    /// Why; it gives the outcome.
    package let cause: Cause
    /// The determining policies.
    package let policies: PolicyList
    /// The policies that raised an error.
    package let errors: PolicyList
    /// What only a PERMIT has.
    package let permit: PermitTerms?

    /// Records a ruling.
    package init(cause: Cause, policies: PolicyList, errors: PolicyList = .none, permit: PermitTerms? = nil) {
        self.cause = cause
        self.policies = policies
        self.errors = errors
        self.permit = permit
    }

    /// The outcome.
    package var outcome: Outcome { cause.outcome }
}

/// What the decision claimed, and what it found under its key.
package struct RecordedClaim: Hashable, Sendable {
    /// The authentication code of the key, see ``ClaimKeys``.
    package let key: Digest?
    /// The key's first statement, for a conflict or a redeemed PERMIT.
    package let original: Original?
    /// A PERMIT under the key that expired unredeemed.
    package let parent: Reference?

    /// Nothing claimed, nothing found.
    package static let none = RecordedClaim(key: nil)

    /// Records a claim.
    package init(key: Digest?, original: Original? = nil, parent: Reference? = nil) {
        self.key = key
        self.original = original
        self.parent = parent
    }
}

/// The policies that a statement speaks of.
package struct BundleReference: Hashable, Sendable {
    /// Where the policies came from.
    package enum Source: String, CaseIterable, Sendable {
        /// An unsigned directory.
        case directory
    }

    /// The bundle's digest.
    package let digest: Digest
    /// The bundle's name.
    package let name: Text
    /// Where it came from.
    package let source: Source
    /// Its version; an unsigned directory has none and says 0.
    package let version: UInt64

    /// Makes a reference.
    package init(digest: Digest, name: Text, source: Source, version: UInt64) {
        self.digest = digest
        self.name = name
        self.source = source
        self.version = version
    }

    init(_ reader: StatementReader) throws(StatementError) {
        digest = try reader.digest("digest")
        name = try reader.text("name")
        guard let source = Source(rawValue: try reader.text("source").string) else { throw reader.invalid("source") }
        self.source = source
        version = try reader.integer("version")
    }
}

/// What the ruling stands on besides the request.
package struct DecisionBasis: Hashable, Sendable {
    /// The bundle, if there was one.
    package let bundle: BundleReference?
    /// The authenticated caller, `token:<name>` or `peer:<name>`.
    package let connection: Text
    /// The version of the decision semantics.
    package let engine: Text
    /// The digest of the facts record.
    package let facts: Digest

    /// Makes the basis.
    package init(bundle: BundleReference?, connection: Text, engine: Text, facts: Digest) {
        self.bundle = bundle
        self.connection = connection
        self.engine = engine
        self.facts = facts
    }
}
