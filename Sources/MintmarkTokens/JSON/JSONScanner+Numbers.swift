extension JSONScanner {
    /// Scans a number whose first character, a minus sign or a digit, is next.
    mutating func scanNumber(in document: RawSpan) throws(JSONError) {
        let start = offset
        if peek(in: document) == ASCII.minus { offset += 1 }
        var magnitude = try scanIntegerPart(in: document)
        if peek(in: document) == ASCII.period {
            offset += 1
            let fractionMagnitude = try scanFraction(in: document)
            magnitude = magnitude ?? fractionMagnitude
        }
        if peek(in: document) | 0x20 == UInt8(ascii: "e") {
            offset += 1
            let exponent = try scanExponent(in: document)
            magnitude = magnitude.map { $0 + exponent }
        }
        let isTooLong = offset - start > TokenLimits.numberLengthMax
        if isTooLong || (magnitude ?? 0).magnitude > TokenLimits.numberMagnitudeMax {
            throw JSONError(.numberOutOfRange, at: start)
        }
    }

    /// Scans the digits before a period; returns their decimal order of magnitude, nil for zero.
    private mutating func scanIntegerPart(in document: RawSpan) throws(JSONError) -> Int? {
        let start = offset
        try scanDigits(in: document)
        guard document.byte(at: start) == ASCII.zero else { return offset - start - 1 }
        // A leading zero stands alone: 01 would be octal to some readers.
        guard offset - start == 1 else { throw JSONError(.invalidNumber, at: start) }
        return nil
    }

    /// Scans the digits behind a period; returns the decimal order of magnitude of the first that is not zero.
    private mutating func scanFraction(in document: RawSpan) throws(JSONError) -> Int? {
        let start = offset
        try scanDigits(in: document)
        for index in start..<offset where document.byte(at: index) != ASCII.zero {
            return start - index - 1
        }
        return nil
    }

    private mutating func scanExponent(in document: RawSpan) throws(JSONError) -> Int {
        let isNegative = peek(in: document) == ASCII.minus
        if isNegative || peek(in: document) == ASCII.plus { offset += 1 }
        let start = offset
        try scanDigits(in: document)
        var exponent = 0
        for index in start..<offset {
            // Beyond four digits the number is out of range, or zero: its exponent need not be exact.
            exponent = min(exponent * 10 + Int(document.byte(at: index) - ASCII.zero), 99_999)
        }
        return isNegative ? -exponent : exponent
    }

    private mutating func scanDigits(in document: RawSpan) throws(JSONError) {
        let start = offset
        while ASCII.isDigit(peek(in: document)) {
            offset += 1
        }
        guard offset > start else {
            throw JSONError(offset < document.byteCount ? .invalidNumber : .truncated, at: offset)
        }
    }
}
