using System.Text;
using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Validates and compiles the filters by which a rule answers itself.</summary>
internal static class AnswerCompiler
{
    private const int MaxPort = 65_535;
    private const int MaxBody = 65_536;

    public static RouteRedirect Compile(RequestRedirectOptions options, List<RouteMatchOptions> matches, string path, ConfigurationErrors errors)
    {
        if (options.Scheme is not (null or "http" or "https"))
        {
            errors.Add($"{path}:{nameof(options.Scheme)}", options.Scheme, "http or https");
        }

        if (options.Hostname is { } hostname && !RouteSyntax.IsPreciseHostname(hostname))
        {
            errors.Add($"{path}:{nameof(options.Hostname)}", hostname, "a host name without a wildcard or port");
        }

        if (options.Port is < 1 or > MaxPort)
        {
            errors.Add($"{path}:{nameof(options.Port)}", options.Port, $"a whole number from 1 to {MaxPort}");
        }

        if (options.StatusCode is not (301 or 302 or 303 or 307 or 308))
        {
            errors.Add($"{path}:{nameof(options.StatusCode)}", options.StatusCode, "301, 302, 303, 307 or 308");
        }

        if (options.Path is { } rewrite)
        {
            RewriteCompiler.CheckPath(rewrite, matches, $"{path}:{nameof(options.Path)}", errors);
        }

        return new RouteRedirect(
            options.StatusCode,
            options.Scheme,
            options.Hostname,
            options.Port,
            new UrlRewrite(null, options.Path?.ReplaceFullPath, options.Path?.ReplacePrefixMatch));
    }

    public static RouteDirectResponse Compile(DirectResponseOptions options, string path, ConfigurationErrors errors)
    {
        if (options.StatusCode is < 200 or > 599)
        {
            errors.Add($"{path}:{nameof(options.StatusCode)}", options.StatusCode, "a status from 200 to 599");
        }

        var body = options.Body ?? "";
        if (body.Length > MaxBody)
        {
            errors.Add($"{path}:{nameof(options.Body)}", $"found {body.Length} characters, allowed are {MaxBody}.");
        }
        else if (body.Length > 0 && options.StatusCode is 204 or 205 or 304)
        {
            errors.Add($"{path}:{nameof(options.Body)}", $"a response with the status {options.StatusCode} has no body.");
        }

        if (options.ContentType.Length == 0 || !RouteSyntax.IsFieldValue(options.ContentType))
        {
            errors.Add($"{path}:{nameof(options.ContentType)}", options.ContentType, "the type of a body, such as 'application/json'");
        }

        return new RouteDirectResponse(options.StatusCode, Encoding.UTF8.GetBytes(body), options.ContentType);
    }
}
