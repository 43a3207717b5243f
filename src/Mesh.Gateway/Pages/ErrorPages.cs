using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mesh.Configuration;
using Mesh.Server.Problems;

namespace Mesh.Gateway.Pages;

/// <summary>The pages in force, by status. Immutable.</summary>
internal sealed class ErrorPages
{
    /// <summary>Of pages of one's own: what is in the page is shown, nothing is fetched, run or sent.</summary>
    public const string OwnSecurityPolicy = $"default-src 'none'; style-src 'unsafe-inline'; img-src data:; {Rest}";

    private const string ContentType = "text/html; charset=utf-8";
    private const string Rest = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private const string Style = "body{font:1em/1.5 system-ui,sans-serif;max-width:36em;margin:15vh auto;padding:0 1em}h1{font-size:1.4em}code{color:#666}";

    private static readonly PageTemplate Plain = new(
        $$$"""
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>{{status}} {{title}}</title><style>{{{Style}}}</style></head>
        <body><h1>{{title}}</h1><p>{{detail}}</p><p><code>{{status}} {{reason}} &middot; {{traceId}}</code></p></body>
        </html>
        """);

    private static readonly string PlainSecurityPolicy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; {Rest}";

    private readonly FrozenDictionary<int, PageTemplate> _own;
    private readonly string? _securityPolicy;

    private ErrorPages(FrozenDictionary<int, PageTemplate> own, string? securityPolicy, List<(string File, string Text)> files)
    {
        _own = own;
        _securityPolicy = securityPolicy;
        Files = [.. files.Select(static file => file.File)];
        Fingerprint = PageFiles.Fingerprint(files.Select(static file => file.Text));
    }

    /// <summary>The pages of a gateway about which nothing is said.</summary>
    public static ErrorPages Default { get; } = new(FrozenDictionary<int, PageTemplate>.Empty, null, []);

    /// <summary>The files that pages come from.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Of what was in the files.</summary>
    public string Fingerprint { get; }

    /// <returns><see langword="null"/> when everybody gets problem+json.</returns>
    public static ErrorPages? Compile(ErrorPagesOptions options, string path, ConfigurationErrors errors)
    {
        Dictionary<int, PageTemplate> own = [];
        List<(string File, string Text)> files = [];
        foreach (var (name, page) in options.Pages)
        {
            var pagePath = $"{path}:{nameof(options.Pages)}:{name}";
            if (!TryParse(name, out var key))
            {
                errors.Add(pagePath, name, "a status from 400 to 599, '4xx' or '5xx'");
            }
            else if (ReadText(page, pagePath, files, errors) is { } text)
            {
                own[key] = new PageTemplate(text);
            }
        }

        if (options.ContentSecurityPolicy.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            errors.Add($"{path}:{nameof(options.ContentSecurityPolicy)}", options.ContentSecurityPolicy, "printable ASCII in one line");
        }

        return !options.Html ? null
            : own.Count == 0 ? Default
            : new ErrorPages(own.ToFrozenDictionary(), options.ContentSecurityPolicy is { Length: > 0 } policy ? policy : null, files);
    }

    public ProblemPage Find(MeshProblem problem, string traceId) =>
        _own.TryGetValue(problem.Status, out var page) || _own.TryGetValue(problem.Status / 100, out page)
            ? new ProblemPage(ContentType, page.Render(problem, traceId), _securityPolicy)
            : new ProblemPage(ContentType, Plain.Render(problem, traceId), PlainSecurityPolicy);

    // A class is kept under its first digit.
    private static bool TryParse(string name, out int key)
    {
        if (name.Length == 3 && name.EndsWith("xx", StringComparison.OrdinalIgnoreCase))
        {
            key = name[0] - '0';
            return key is 4 or 5;
        }

        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out key) && key is >= 400 and <= 599;
    }

    private static string? ReadText(ErrorPageOptions page, string path, List<(string, string)> files, ConfigurationErrors errors)
    {
        if ((page.File is null) == (page.Text is null))
        {
            errors.Add(path, $"either {nameof(page.File)} or {nameof(page.Text)} is required.");
            return null;
        }

        if (page.File is null)
        {
            return page.Text;
        }

        if (PageFiles.Read(page.File, $"{path}:{nameof(page.File)}", errors) is not { } text)
        {
            return null;
        }

        files.Add((page.File, text));
        return text;
    }
}
