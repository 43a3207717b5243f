using System.Text.RegularExpressions;

namespace Mesh.Gateway.Tests.Hostile;

/// <summary>A request as its bytes say.</summary>
internal sealed partial record RawRequest(string Line, IReadOnlyList<(string Name, string Value)> Fields, string Body)
{
    public string Method => Line.Split(' ')[0];

    public string Target => Line.Split(' ')[1];

    /// <summary>All values of a field, joined by <c>|</c>; <see langword="null"/> without any.</summary>
    public string? this[string name]
    {
        get
        {
            var values = Fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(static field => field.Value).ToArray();
            return values.Length == 0 ? null : string.Join('|', values);
        }
    }

    /// <summary>What a careless server might take the path for: everything decoded twice, parameters cut off, dots resolved.</summary>
    public string LaxPath
    {
        get
        {
            var path = Uri.UnescapeDataString(Target.Split('?')[0]).Replace('\\', '/');
            var segments = new List<string>();
            foreach (var segment in path.Split('/').Select(static segment => segment.Split(';')[0]))
            {
                if (segment == "..")
                {
                    segments = segments.Count == 0 ? segments : segments[..^1];
                }
                else if (segment is not ("" or "."))
                {
                    segments.Add(segment);
                }
            }

            return "/" + string.Join('/', segments);
        }
    }

    public IEnumerable<string> FindViolations()
    {
        if (!NormalLine().IsMatch(Line))
        {
            yield return $"request line '{Line}'";
        }

        foreach (var (name, value) in Fields)
        {
            if (!NormalField().IsMatch($"{name}: {value}"))
            {
                yield return $"field '{name}: {value}'";
            }
        }

        foreach (var name in (string[])["Host", "Content-Length", "Transfer-Encoding"])
        {
            if (Fields.Count(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) > 1)
            {
                yield return $"{name} twice";
            }
        }

        if (this["Host"] is null)
        {
            yield return "no Host";
        }

        if (this["Content-Length"] is not null && this["Transfer-Encoding"] is not null)
        {
            yield return "Content-Length beside Transfer-Encoding";
        }
    }

    [GeneratedRegex(@"^[A-Z]+ /[!-~]* HTTP/1\.1$")]
    private static partial Regex NormalLine();

    // No underscore, though RFC 9110 has it: behind CGI it is a hyphen.
    [GeneratedRegex(@"^[A-Za-z0-9!#$%&'*+.^`|~-]+: (?:[!-~](?:[\t -~]*[!-~])?)?$")]
    private static partial Regex NormalField();
}
