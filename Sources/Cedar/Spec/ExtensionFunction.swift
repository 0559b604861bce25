import Bytes

/// The functions and methods of the extension types, all of Cedar 4.10 (cedar-spec `ExtFun.lean`).
enum ExtensionFunction: Int32, CaseIterable, Sendable {
    case decimal
    case lessThan
    case lessThanOrEqual
    case greaterThan
    case greaterThanOrEqual
    case ip
    case isIpv4
    case isIpv6
    case isLoopback
    case isMulticast
    case isInRange
    case datetime
    case duration
    case offset
    case durationSince
    case toDate
    case toTime
    case toMilliseconds
    case toSeconds
    case toMinutes
    case toHours
    case toDays

    /// The name in policies.
    var name: String { "\(self)" }

    /// Whether it is called as a function, `name(x)`, and makes a value from a string; else it is a method, `x.name()`.
    var isConstructor: Bool {
        switch self {
        case .decimal, .ip, .datetime, .duration: true
        case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual, .isIpv4, .isIpv6, .isLoopback,
            .isMulticast,
            .isInRange, .offset, .durationSince, .toDate, .toTime, .toMilliseconds, .toSeconds, .toMinutes, .toHours,
            .toDays:
            false
        }
    }

    /// How many arguments it takes, the receiver of a method included.
    var arity: Int {
        switch self {
        case .decimal, .ip, .datetime, .duration, .isIpv4, .isIpv6, .isLoopback, .isMulticast, .toDate, .toTime,
            .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays:
            1
        case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual, .isInRange, .offset, .durationSince:
            2
        }
    }

    /// The function of that name.
    static func named(_ name: String) -> ExtensionFunction? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

    /// Calls the function.
    ///
    /// - Throws: ``EvaluationError`` for a wrong number or type of arguments, or when there is no result.
    func call(_ arguments: [Value]) throws(EvaluationError) -> Value {
        guard arguments.count == arity else {
            throw .wrongNumberOfArguments(function: name, expected: arity, found: arguments.count)
        }
        switch self {
        case .decimal, .ip, .datetime, .duration:
            return try construct(arguments[0].asString())
        case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual:
            return try compare(arguments[0].asDecimal(), arguments[1].asDecimal())
        case .isIpv4, .isIpv6, .isLoopback, .isMulticast, .isInRange:
            return try inspect(arguments)
        case .offset, .durationSince, .toDate, .toTime:
            return try calculate(arguments)
        case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays:
            return try .long(convert(arguments[0].asDuration()))
        }
    }

    private func construct(_ text: Text) throws(EvaluationError) -> Value {
        switch self {
        case .decimal: if let value = Decimal(text) { return .decimal(value) }
        case .ip: if let value = IPAddress(text) { return .ipaddr(value) }
        case .datetime: if let value = Datetime(text) { return .datetime(value) }
        case .duration: if let value = TimeSpan(text) { return .duration(value) }
        case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual, .isIpv4, .isIpv6, .isLoopback,
            .isMulticast,
            .isInRange, .offset, .durationSince, .toDate, .toTime, .toMilliseconds, .toSeconds, .toMinutes, .toHours,
            .toDays:
            break
        }
        throw .extensionFunctionFailed(function: name, argument: text)
    }

    private func compare(_ left: Decimal, _ right: Decimal) -> Value {
        if self == .lessThan { return .bool(left < right) }
        if self == .lessThanOrEqual { return .bool(left <= right) }
        return .bool(self == .greaterThan ? left > right : left >= right)
    }

    private func inspect(_ arguments: [Value]) throws(EvaluationError) -> Value {
        let address = try arguments[0].asIPAddress()
        if self == .isInRange { return .bool(address.isInRange(of: try arguments[1].asIPAddress())) }
        if self == .isLoopback { return .bool(address.isLoopback) }
        if self == .isMulticast { return .bool(address.isMulticast) }
        return .bool(address.isIPv4 == (self == .isIpv4))
    }

    private func calculate(_ arguments: [Value]) throws(EvaluationError) -> Value {
        let instant = try arguments[0].asDatetime()
        if self == .toTime { return .duration(instant.time) }
        var result: Value?
        if self == .toDate { result = instant.date.map(Value.datetime) }
        if self == .offset { result = instant.offset(try arguments[1].asDuration()).map(Value.datetime) }
        if self == .durationSince { result = instant.durationSince(try arguments[1].asDatetime()).map(Value.duration) }
        guard let result else { throw .extensionFunctionFailed(function: name, argument: Text("\(arguments[0])")) }
        return result
    }

    /// Whole units of a length of time, rounded towards zero.
    private func convert(_ span: TimeSpan) -> Int64 {
        if self == .toMilliseconds { return span.milliseconds }
        if self == .toSeconds { return span.milliseconds / 1000 }
        if self == .toMinutes { return span.milliseconds / 60_000 }
        return span.milliseconds / (self == .toHours ? 3_600_000 : 86_400_000)
    }
}
