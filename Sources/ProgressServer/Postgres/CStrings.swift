/// Lends a NULL-terminated array of C strings.
func withCStrings<Value>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value?
) -> Value? {
    let bytes = strings.flatMap { Array($0.utf8CString) }
    return unsafe bytes.withUnsafeBufferPointer { buffer in
        guard var next = buffer.baseAddress else { return nil }
        var pointers: [UnsafePointer<CChar>?] = unsafe []
        for string in strings {
            unsafe pointers.append(next)
            unsafe next += string.utf8CString.count
        }
        unsafe pointers.append(nil)
        return unsafe pointers.withUnsafeBufferPointer { pointers in
            guard let base = pointers.baseAddress else { return nil }
            return unsafe body(base)
        }
    }
}
