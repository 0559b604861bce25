/// Text of unknown origin, made fit for a terminal: nothing in it moves the cursor, hides or turns the direction.
struct DisplayText {
    /// What is shown.
    private(set) var shown = ""
    /// How many columns it takes.
    private(set) var columns = 0

    /// How many columns a tab takes.
    static let tabColumns = 4

    /// Adds one scalar as it may be shown.
    mutating func append(_ scalar: Unicode.Scalar) {
        if scalar == "\t" {
            append(plain: String(repeating: " ", count: Self.tabColumns))
        } else if Self.isSafe(scalar) {
            shown.unicodeScalars.append(scalar)
            columns += Self.terminalColumns(of: scalar)
        } else {
            append(plain: "\\u{\(String(scalar.value, radix: 16))}")
        }
    }

    /// Adds what was made fit already.
    mutating func append(_ other: DisplayText) {
        shown += other.shown
        columns += other.columns
    }

    /// Adds text of ours.
    mutating func append(plain text: String) {
        shown += text
        columns += text.utf8.count
    }

    /// Adds a byte that is not UTF-8.
    mutating func append(invalid byte: UInt8) {
        let digits = String(byte, radix: 16)
        append(plain: "\\x\(digits.count < 2 ? "0" : "")\(digits)")
    }

    /// A text in one line, cut at a number of scalars.
    static func line(_ text: String, scalarsMax: Int) -> String {
        var line = DisplayText()
        for (count, scalar) in text.unicodeScalars.enumerated() {
            guard count < scalarsMax else { return line.shown + "…" }
            // A tab would be shown as spaces, but here it may not hide what is input.
            if scalar == "\t" { line.append(plain: "\\t") } else { line.append(scalar) }
        }
        return line.shown
    }

    /// Whether a scalar shows as itself.
    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        if (0x20..<0x7F).contains(scalar.value) { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation,
            .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
            .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol, .spaceSeparator:
            // Variation selectors and the like show nothing.
            return !scalar.properties.isDefaultIgnorableCodePoint
        @unknown default: return false
        }
    }

    /// How many columns a terminal gives to a safe scalar.
    static func terminalColumns(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return wide.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    /// Scalars that take two columns (Unicode `EastAsianWidth.txt`, classes W and F, neighbours joined).
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
        0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F, 0x2693...0x2693, 0x26A1...0x26A1,
        0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA,
        0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B,
        0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
        0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55, 0x2E80...0x303E,
        0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19,
        0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F004...0x1F004,
        0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F320, 0x1F32D...0x1F335,
        0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0,
        0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D,
        0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596, 0x1F5A4...0x1F5A4,
        0x1F5FB...0x1F64F, 0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6D7,
        0x1F6DC...0x1F6DF, 0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7EB, 0x1F7F0...0x1F7F0,
        0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x2FFFD,
        0x30000...0x3FFFD,
    ]
}
