/// A size for a person: `512 B`, `1.0 KB`, `138.4 GB`, in steps of 1,024 with one decimal.
///
/// Below 1,024, and for the negative sizes that a damaged row may hold, the bytes themselves.
func byteCountText(_ byteCount: Int64) -> String {
    guard byteCount >= 1024 else { return "\(byteCount) B" }
    let units = ["KB", "MB", "GB", "TB"]
    var size = Double(byteCount) / 1024
    var index = 0
    // 1,023.95 would be written as 1024.0 of the smaller unit.
    while size >= 1023.95, index + 1 < units.count {
        size /= 1024
        index += 1
    }
    let tenths = Int64((size * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[index])"
}
