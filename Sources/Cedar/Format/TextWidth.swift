/// How many columns text takes, as the reference formatter counts them.
enum TextWidth {
    /// The columns of UTF-8 text: ASCII characters take one each, line feeds included.
    static func columns(_ bytes: ArraySlice<UInt8>) -> Int {
        guard bytes.contains(where: { $0 >= 0x80 }) else { return bytes.count }
        return String(decoding: bytes, as: UTF8.self).reduce(0) { $0 + columns($1) }
    }

    private static func columns(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        // Sequences that show as one emoji: joined ones, flags, those with a skin tone or a variation selector.
        if scalars.count > 1, let first = scalars.first, first.properties.isEmoji, !first.isASCII {
            let rest = scalars.dropFirst()
            let isEmoji = rest.contains {
                $0.value == 0x200D || $0.value == 0xFE0F || $0.properties.isEmojiModifier
                    || (0x1F1E6...0x1F1FF).contains($0.value)
            }
            if isEmoji { return 2 }
        }
        return scalars.reduce(0) { $0 + DisplayText.terminalColumns(of: $1) }
    }
}
