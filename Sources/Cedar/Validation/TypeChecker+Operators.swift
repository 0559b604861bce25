import Bytes

extension TypeChecker {
    // MARK: Equality and order

    /// `==` takes any two values; strictly, only such as may be equal at all, unless their types say that they never
    /// are.
    func equal(_ index: Int32, _ node: Node, _ prior: Capabilities) -> Answer {
        let left = check(node.a, prior)
        let right = check(node.b, prior)
        let type = equalityType(node, left.type, right.type)
        let answer =
            isStrict
            ? strictly(.success(type), index, (left.type, right.type), "the operands of `==`") : .success(type)
        return answer.after(right).after(left)
    }

    private func equalityType(_ node: Node, _ left: InferredType?, _ right: InferredType?) -> InferredType {
        if let left, let right, TypeLattice.areDisjoint(left, right) { return .always(false) }
        guard let left = literal(node.a), let right = literal(node.b) else { return .bool }
        return .always(left == right)
    }

    /// The value of an expression that is a literal, or the action, which the environment knows.
    private func literal(_ index: Int32) -> Value? {
        let node = arena.nodes[Int(index)]
        if node.operation == .constant { return arena.constants[Int(node.a)] }
        return literalEntity(index).map(Value.entity)
    }

    /// Strict validation: two types have to have a bound, unless the answer is certain without it.
    private func strictly(
        _ answer: Answer,
        _ index: Int32,
        _ types: (InferredType?, InferredType?),
        _ what: String
    ) -> Answer {
        if case .always? = answer.type { return answer }
        guard let left = types.0, let right = types.1 else { return answer }
        do throws(Incompatibility) {
            _ = try lattice.leastUpperBound(left, right)
            return answer
        } catch {
            reportIncompatible([left, right], error, at: index, what)
            return .failure(answer.type)
        }
    }

    /// `<` and its relatives, on integers, instants and lengths of time, both sides alike.
    func compare(_ node: Node, _ prior: Capabilities) -> Answer {
        let left = check(node.a, prior)
        let right = check(node.b, prior)
        guard let leftType = left.type, let rightType = right.type else { return .failure(.bool) }
        let answer: Answer = areComparable(node, leftType, rightType) ? .success(.bool) : .failure(.bool)
        return answer.after(right).after(left)
    }

    private func areComparable(_ node: Node, _ left: InferredType, _ right: InferredType) -> Bool {
        switch (left, right) {
        case (.never, .never): return false
        case (.never, let type) where type.isOrdered, (let type, .never) where type.isOrdered: return true
        case (.long, .long), (.extension(.datetime), .extension(.datetime)),
            (.extension(.duration), .extension(.duration)):
            return true
        case (_, _): break
        }
        let any = "`Long`, `datetime` or `duration`"
        if case .long = left {
            refuse(right, "`Long`", at: node.b)
        } else if case .long = right {
            refuse(left, "`Long`", at: node.a)
        } else if left.isOrdered {
            refuse(right, "`\(left.name)`", at: node.b)
        } else if right.isOrdered {
            refuse(left, "`\(right.name)`", at: node.a)
        } else {
            refuse(left, any, at: node.a, Self.orderHelp(left))
            refuse(right, any, at: node.b, Self.orderHelp(right))
        }
        return false
    }

    private static func orderHelp(_ type: InferredType) -> String? {
        if case .extension(.decimal) = type { return "compare decimals with `lessThan` and its like" }
        return nil
    }

    func arithmetic(_ node: Node, _ prior: Capabilities) -> Answer {
        var answer = Answer.success(.long)
        let isSum = node.b > 1 && arena.children[Int(node.a) + 1] == ArithmeticOperator.add.rawValue
        for place in stride(from: Int(node.a), to: Int(node.a + 2 * node.b), by: 2) {
            let operand = expect(.long, arena.children[place], prior) { type in
                if case .string = type, isSum { return "strings cannot be joined" }
                if case .set = type { return "sets cannot be united, intersected or subtracted" }
                return nil
            }
            answer = answer.after(operand)
        }
        return answer
    }

    func like(_ node: Node, _ prior: Capabilities) -> Answer {
        let operand = expect(.string, node.a, prior) { type in
            if case .entity = type { "test the type of an entity with `is`" } else { nil }
        }
        return result(.bool, of: operand)
    }

    // MARK: Sets

    func setOperation(_ index: Int32, _ node: Node, _ prior: Capabilities) -> Answer {
        let isEmptyTest = node.operation == .isEmpty
        let left = expect(.set(nil), node.a, prior) { Self.setHelp($0, isEmptyTest: isEmptyTest) }
        if isEmptyTest { return result(.bool, of: left) }
        guard node.operation == .contains else { return overlap(index, node, left, prior) }
        let right = check(node.b, prior)
        guard isStrict else { return result(.bool, of: left, right) }
        var element: InferredType?
        if case .set(let type)? = left.type { element = type }
        let answer = strictly(.success(.bool), index, (element, right.type), "the members of the set and the operand")
        return answer.after(right).after(left)
    }

    private func overlap(_ index: Int32, _ node: Node, _ left: Answer, _ prior: Capabilities) -> Answer {
        let right = expect(.set(nil), node.b, prior) { _ in "test a single value with `contains`" }
        guard isStrict else { return result(.bool, of: left, right) }
        return strictly(.success(.bool), index, (left.type, right.type), "the two sets").after(right).after(left)
    }

    private static func setHelp(_ type: InferredType, isEmptyTest: Bool) -> String? {
        switch type {
        case .entity, .anyEntity: isEmptyTest ? nil : "test membership in a group with `in`"
        case .record: isEmptyTest ? nil : "test for an attribute with `has`"
        case .string: isEmptyTest ? "compare with `\"\"`" : "look into a string with `like`"
        case .never, .always, .bool, .long, .set, .extension: nil
        }
    }

    func set(_ index: Int32, _ node: Node, _ prior: Capabilities) -> Answer {
        let answers = children(node.a, node.b).map { check($0, prior) }
        if answers.isEmpty, isStrict {
            report(
                .emptySet,
                "an empty set has no type of its own",
                at: index,
                help: "strict validation needs at least one member; test for emptiness with `isEmpty()`"
            )
            return .failure()
        }
        let types = answers.compactMap(\.type)
        guard types.count == answers.count else { return .failure() }
        guard let element = bound(types, at: index, "the members of the set") else { return .failure() }
        return answers.allSatisfy(\.isSuccess) ? .success(.set(element)) : .failure(.set(element))
    }

    func record(_ node: Node, _ prior: Capabilities) -> Answer {
        var attributes: [InferredRecord.Attribute] = []
        var isSuccess = true
        for place in 0..<Int(node.b) {
            // The parser sorted the fields by name.
            let first = Int(node.a) + 2 * place
            let answer = check(arena.children[first + 1], prior)
            isSuccess = isSuccess && answer.isSuccess
            guard let type = answer.type else { continue }
            attributes.append(.init(name: arena.names[Int(arena.children[first])], type: type, isRequired: true))
        }
        guard attributes.count == Int(node.b) else { return .failure() }
        let type = InferredType.record(.inferred(.init(attributes, isOpen: false)))
        return isSuccess ? .success(type) : .failure(type)
    }

    // MARK: Extension functions

    func call(_ index: Int32, _ node: Node, _ prior: Capabilities) -> Answer {
        let arguments = children(node.b, node.c)
        guard let function = ExtensionFunction(rawValue: node.a) else { return .failure() }
        let result = function.resultType
        guard isWellCalled(function, arguments, at: index) else {
            for argument in arguments { _ = check(argument, prior) }
            return .failure(result)
        }
        var answer = Answer.success(result)
        for (argument, type) in zip(arguments, function.argumentTypes) {
            answer = answer.after(expect(type, argument, prior))
        }
        return answer
    }

    /// Checks the number of arguments, and what is known of literals.
    private func isWellCalled(_ function: ExtensionFunction, _ arguments: ArraySlice<Int32>, at index: Int32) -> Bool {
        var isWell = true
        if arguments.count != function.arity {
            let message = "`\(function.name)` takes \(function.arity) arguments, got \(arguments.count)"
            report(.wrongArgumentCount, message, at: index)
            isWell = false
        }
        guard function.isConstructor else { return isWell }
        if arguments.count == 1, case .string(let text)? = constantValue(arguments[arguments.startIndex]),
            (try? function.call([.string(text)])) == nil
        {
            let message = "`\(function.name)` has no result for \(Escapes.quoted(text))"
            report(.invalidExtensionLiteral, message, at: index, help: function.literalHelp)
            isWell = false
        }
        if isStrict, !arguments.allSatisfy({ constantValue($0) != nil }) {
            report(
                .extensionOfNonLiteral,
                "`\(function.name)` has to be called with a literal",
                at: index,
                help: "declare the attribute as `\(function.resultType.name)` in the schema, so that it is checked"
                    + " before policies see it"
            )
            isWell = false
        }
        return isWell
    }

    private func constantValue(_ index: Int32) -> Value? {
        let node = arena.nodes[Int(index)]
        return node.operation == .constant ? arena.constants[Int(node.a)] : nil
    }
}

extension ExtensionFunction {
    /// The type of its result.
    var resultType: InferredType {
        switch self {
        case .decimal: .extension(.decimal)
        case .ip: .extension(.ipaddr)
        case .datetime, .offset, .toDate: .extension(.datetime)
        case .duration, .durationSince, .toTime: .extension(.duration)
        case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual, .isIpv4, .isIpv6, .isLoopback,
            .isMulticast, .isInRange:
            .bool
        case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays: .long
        }
    }

    /// The types of its arguments, the receiver of a method included.
    var argumentTypes: [InferredType] {
        switch self {
        case .decimal, .ip, .datetime, .duration: [.string]
        case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual:
            [.extension(.decimal), .extension(.decimal)]
        case .isIpv4, .isIpv6, .isLoopback, .isMulticast: [.extension(.ipaddr)]
        case .isInRange: [.extension(.ipaddr), .extension(.ipaddr)]
        case .offset: [.extension(.datetime), .extension(.duration)]
        case .durationSince: [.extension(.datetime), .extension(.datetime)]
        case .toDate, .toTime: [.extension(.datetime)]
        case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays: [.extension(.duration)]
        }
    }

    /// How its literals look, if it makes values from strings.
    fileprivate var literalHelp: String? {
        switch self {
        case .decimal: "decimals look like `\"12.34\"`, with one to four digits behind the point"
        case .ip: "addresses look like `\"10.0.0.1\"`, `\"10.0.0.0/8\"` or `\"::1\"`"
        case .datetime: "instants look like `\"2026-01-31\"` or `\"2026-01-31T12:00:00Z\"`"
        case .duration: "lengths of time look like `\"1d2h3m4s5ms\"`, units in this order"
        case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual, .isIpv4, .isIpv6, .isLoopback,
            .isMulticast, .isInRange, .offset, .durationSince, .toDate, .toTime, .toMilliseconds, .toSeconds,
            .toMinutes, .toHours, .toDays:
            nil
        }
    }
}
