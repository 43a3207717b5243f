namespace Mesh.Gateway.Tests.Routing;

/// <summary>One line of a table: <c>METHOD host target [Header: value; …] => outcome</c>.</summary>
internal sealed record RoutingCase(string Method, string Host, string Target, (string Name, string Value)[] Headers, string Expected, string Line)
{
    public static IEnumerable<RoutingCase> Parse(string table) =>
        table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(static line => line[0] != '#').Select(ParseLine);

    private static RoutingCase ParseLine(string line)
    {
        var arrow = line.Split("=>", StringSplitOptions.TrimEntries);
        var bracket = arrow[0].EndsWith(']') ? arrow[0].LastIndexOf(" [", StringComparison.Ordinal) + 1 : -1;
        var words = (bracket < 0 ? arrow[0] : arrow[0][..bracket]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var headers = bracket < 0 ? [] : arrow[0][(bracket + 1)..arrow[0].LastIndexOf(']')]
            .Split(';', StringSplitOptions.TrimEntries)
            .Select(static header => header.Split(':', 2, StringSplitOptions.TrimEntries))
            .Select(static header => (header[0], header[1])).ToArray();
        return new RoutingCase(words[0], words[1], words[2], headers, arrow[1], line);
    }
}
