/// Columns aligned by two spaces, every cell made printable.
///
/// - Precondition: Each row has as many cells as `header`.
func table(header: [String], rows: [[String]]) -> String {
    let lines = [header] + rows.map { $0.map(printable) }
    let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
        var line = ""
        for (column, cell) in cells.enumerated() {
            line += cell
            if column + 1 < cells.count {
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
        }
        return line
    }.joined(separator: "\n")
}
