using Mesh.Configuration;

namespace Mesh.Server.Authorization;

/// <summary>
/// An authorizer that is asked over HTTP, as Envoy's <c>ext_authz</c> and Istio's <c>envoyExtAuthzHttp</c>: section
/// <c>Mesh:Server:Authorizers:{name}</c>. It gets the request's method, path and some of its fields, without the body; a
/// 200 lets the request go on, any other answer is given to the caller.
/// </summary>
public sealed class AuthorizerOptions
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Where it is: <c>https://authorizer</c>, a service of the mesh where <c>AddMeshClient()</c> is used. Required.</summary>
    public string? Url { get; set; }

    /// <summary>What is put before the path of the request that is asked about.</summary>
    /// <value>Default none.</value>
    public string PathPrefix { get; set; } = "";

    /// <summary>How long it may take, up to 60 seconds.</summary>
    /// <value>Default 1 second.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether requests go on when it fails: no answer in time, or a 5xx.</summary>
    /// <value>Default <see langword="false"/>: they are answered <see cref="StatusOnError"/>.</value>
    public bool FailOpen { get; set; }

    /// <summary>The status of a request about which it could not be asked: 403 or 503.</summary>
    /// <value>Default 503.</value>
    public int StatusOnError { get; set; } = 503;

    /// <summary>Fields of the request it is told, beside its host.</summary>
    /// <value>Default <c>Authorization</c>.</value>
    public List<string> IncludeRequestHeaders { get; set; } = ["Authorization"];

    /// <summary>
    /// Fields of its 200 that are set on the request. What callers send under these names is removed from every request.
    /// </summary>
    /// <value>Default none.</value>
    public List<string> HeadersToUpstream { get; set; } = [];

    /// <summary>Fields of its refusal that the caller gets, with the status and up to 64 KiB of the body.</summary>
    /// <value>Default <c>WWW-Authenticate</c>, <c>Location</c> and <c>Content-Type</c>.</value>
    public List<string> HeadersToDownstream { get; set; } = ["WWW-Authenticate", "Location", "Content-Type"];

    internal static void Read(ConfigurationReader reader, AuthorizerOptions options)
    {
        options.Url = reader.Text(nameof(Url)) ?? options.Url;
        options.PathPrefix = reader.Text(nameof(PathPrefix)) ?? options.PathPrefix;
        options.Timeout = reader.Duration(nameof(Timeout)) ?? options.Timeout;
        options.FailOpen = reader.Boolean(nameof(FailOpen)) ?? options.FailOpen;
        options.StatusOnError = reader.Integer(nameof(StatusOnError)) ?? options.StatusOnError;
        options.IncludeRequestHeaders = reader.Texts(nameof(IncludeRequestHeaders)) ?? options.IncludeRequestHeaders;
        options.HeadersToUpstream = reader.Texts(nameof(HeadersToUpstream)) ?? options.HeadersToUpstream;
        options.HeadersToDownstream = reader.Texts(nameof(HeadersToDownstream)) ?? options.HeadersToDownstream;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp)
            || uri.PathAndQuery != "/")
        {
            errors.Add($"{path}:{nameof(Url)}", Url, "an http or https address without a path");
        }

        if (PathPrefix.Length > 0 && (PathPrefix[0] != '/' || PathPrefix[^1] == '/'))
        {
            errors.Add($"{path}:{nameof(PathPrefix)}", PathPrefix, "a path such as '/check', without a slash at its end");
        }

        if (Timeout <= TimeSpan.Zero || Timeout > LongestTimeout)
        {
            errors.Add($"{path}:{nameof(Timeout)}", Timeout, $"a duration above 0 and up to {LongestTimeout}");
        }

        if (StatusOnError is not (403 or 503))
        {
            errors.Add($"{path}:{nameof(StatusOnError)}", StatusOnError, "403 or 503");
        }
    }
}
