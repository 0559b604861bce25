// The members of an answer, each read with its type and without a default.

import Authorization
import Bytes
import Runtime

/// An answer's object, whose members are demanded one by one.
struct AnswerMembers {
    let value: JSONValue

    init(_ value: JSONValue) {
        self.value = value
    }

    /// A member that must be `true` or `false`: a string or a number in its place is not a truth value.
    func flag(_ name: Text) throws(GateFailure) -> Bool {
        guard let flag = value[name]?.boolean else { throw .irregular("`\(name)` is not true or false") }
        return flag
    }

    /// A member that must be a string with something in it.
    func text(_ name: Text) throws(GateFailure) -> Text {
        guard let text = value[name]?.string, !text.isEmpty else { throw .irregular("`\(name)` is not a string") }
        return text
    }

    /// The cause, one of the closed list.
    func cause() throws(GateFailure) -> Cause {
        guard let cause = Cause(rawValue: try text("cause").string) else { throw .irregular("the cause is not known") }
        return cause
    }

    /// The id, in its only form.
    func identifier() throws(GateFailure) -> Text {
        let text = try text("id")
        guard Identifier(text) != nil else { throw .irregular("`id` is not an id") }
        return text
    }

    /// A time in the gate's form, as milliseconds since 1970.
    func time(_ name: Text) throws(GateFailure) -> Int64 {
        guard let time = Timestamp.parse(try text(name).string) else {
            throw .irregular("`\(name)` is not a time")
        }
        return time
    }

    /// The position in the log.
    func index() throws(GateFailure) -> Int64 {
        guard let index = value["index"]?.integer, index >= 0 else { throw .irregular("`index` is not an index") }
        return index
    }

    /// The determining policies.
    func reasons() throws(GateFailure) -> [Reason] {
        guard let list = value["reasons"], list.kind == .array else { throw .irregular("`reasons` is not a list") }
        var reasons: [Reason] = []
        for element in list.elements {
            guard let policy = element["policy"]?.string else { throw .irregular("a reason without a policy") }
            let text = element["reason"]
            guard text == nil || text?.kind == .string || text?.kind == .null else {
                throw .irregular("a reason that is not a string")
            }
            reasons.append(Reason(policy: policy, text: text?.string))
        }
        return reasons
    }

    /// The digest of the bundle, if the answer names a bundle.
    func bundleDigest() throws(GateFailure) -> Text? {
        guard let bundle = value["bundle"] else { return nil }
        guard let digest = bundle["digest"]?.string else { throw .irregular("a bundle without a digest") }
        return digest
    }
}
