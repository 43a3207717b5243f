using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Mesh.Gateway.Hygiene;
using Mesh.Gateway.Problems;
using Mesh.Gateway.Routing;
using Mesh.Gateway.Sessions;
using Mesh.Identity;
using Mesh.Routing;
using Mesh.Routing.Auth;
using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Gateway.Forwarding;

/// <summary>
/// Writes the request a service gets and the response a caller gets. One for each request: it carries what routing found.
/// </summary>
/// <param name="destination">The rule that took the request, and the backend that gets it.</param>
/// <param name="session">The caller's session with an endpoint, if the rule keeps any.</param>
/// <param name="uri">Where it goes, with the path and query to send.</param>
/// <param name="via">What this gateway adds to <c>Via</c>.</param>
/// <param name="policy">The policy that the request began with.</param>
internal sealed class GatewayTransformer(Destination destination, BackendSession? session, Uri uri, ViaEntry via, GatewayPolicy policy) : HttpTransformer
{
    public Destination Destination => destination;

    private RouteRule Rule => destination.Choice.Rule;

    private RouteBackend Backend => destination.Choice.Backend;

    private RouteAuth? Auth => Rule.Auth ?? policy.Auth;

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext,
        HttpRequestMessage proxyRequest,
        string destinationPrefix,
        CancellationToken cancellationToken)
    {
        var request = httpContext.Request;
        proxyRequest.RequestUri = uri;
        proxyRequest.Headers.Host = Rule.Rewrite?.Hostname;
        if (GatewayRouter.IsGrpc(request))
        {
            // Without TLS nobody negotiates, and in HTTP/1.1 its trailers would be lost.
            proxyRequest.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        var fields = request.Headers;
        var count = fields.Count;

        // Kestrel's enumerator, boxed, is as large as all the rest that is made here.
        var copy = ArrayPool<KeyValuePair<string, StringValues>>.Shared.Rent(count);
        try
        {
            fields.CopyTo(copy, 0);
            if (CopyFields(httpContext, proxyRequest, copy.AsSpan(0, count)) is { } unsound)
            {
                // The HTTP stack would refuse to send it, drop it or, worse, pass it on as it is.
                return new ValueTask(GatewayProblems.BadHeader(unsound).WriteAsync(httpContext));
            }
        }
        finally
        {
            ArrayPool<KeyValuePair<string, StringValues>>.Shared.Return(copy, clearArray: true);
        }

        AddOurs(httpContext, proxyRequest);
        AddClaims(httpContext, proxyRequest);
        AddToken(httpContext, proxyRequest);
        if (Rule.RequestHeaders is { } modifier)
        {
            RuleHeaders.Apply(modifier, proxyRequest);
        }

        if (Backend.RequestHeaders is { } own)
        {
            RuleHeaders.Apply(own, proxyRequest);
        }

        return default;
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return false;
        }

        if (IsTunnelThatIsNone(httpContext, proxyResponse))
        {
            await GatewayProblems.BackendFailed.WriteAsync(httpContext).ConfigureAwait(false);
            return false;
        }

        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken).ConfigureAwait(false);
        var headers = httpContext.Response.Headers;
        var connection = proxyResponse.Headers.NonValidated.TryGetValues("Connection", out var named) ? new StringValues(named.ToString()) : default;
        foreach (var header in proxyResponse.Headers.NonValidated)
        {
            if (!HopHeaders.PassesDownstream(header.Key, connection) && !IsHandshake(httpContext, header.Key))
            {
                headers.Remove(header.Key);
            }
        }

        session?.Write(httpContext, Backend);
        if (Backend.ResponseHeaders is { } own)
        {
            RuleHeaders.Apply(own, headers);
        }

        if (Rule.ResponseHeaders is { } modifier)
        {
            RuleHeaders.Apply(modifier, headers);
        }

        return true;
    }

    public override async ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        await base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken).ConfigureAwait(false);
        if (httpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is not { IsReadOnly: false, Count: > 0 } trailers)
        {
            return;
        }

        foreach (var trailer in proxyResponse.TrailingHeaders.NonValidated)
        {
            if (!HopHeaders.PassesDownstream(trailer.Key, default))
            {
                trailers.Remove(trailer.Key);
            }
        }
    }

    /// <summary>Copies what passes on.</summary>
    /// <returns>The name of a field that nobody may be sent; <see langword="null"/> when there is none.</returns>
    private string? CopyFields(HttpContext http, HttpRequestMessage proxyRequest, ReadOnlySpan<KeyValuePair<string, StringValues>> fields)
    {
        var connection = http.Request.Headers.Connection;
        foreach (var (name, values) in fields)
        {
            if ((!HopHeaders.PassesUpstream(name, connection) && !IsFaultOrder(name)) || IsOddExpectation(name, values) || policy.OwnFields.Contains(name) || IsReplaced(name))
            {
                continue;
            }

            if (!FieldSyntax.IsSound(name, values))
            {
                return name;
            }

            Add(proxyRequest, name, values);
        }

        return null;
    }

    // For the client below, which carries it out and sends it no further. Those of strangers have been removed.
    private bool IsFaultOrder(string name) =>
        Rule.Fault is { FromHeaders: true } && name.StartsWith($"{MeshHeaders.Fault}-", StringComparison.OrdinalIgnoreCase);

    // "100-continue" is the only one there is (RFC 9110, 10.1.1), and an upload may wait for the service to say it.
    private static bool IsOddExpectation(string name, StringValues values) =>
        name.Equals("Expect", StringComparison.OrdinalIgnoreCase) && !string.Equals(values.ToString(), "100-continue", StringComparison.OrdinalIgnoreCase);

    // Any success opens the tunnel that an extended CONNECT asks for (RFC 8441, 5): an ordinary response would be read as messages of the WebSocket.
    private static bool IsTunnelThatIsNone(HttpContext http, HttpResponseMessage response) =>
        HttpMethods.IsConnect(http.Request.Method)
        && response.IsSuccessStatusCode
        && !(response.StatusCode == HttpStatusCode.OK && response.RequestMessage?.Method == HttpMethod.Connect);

    // The forwarder itself has agreed to the change of protocol.
    private static bool IsHandshake(HttpContext http, string name) =>
        http.Response.StatusCode == StatusCodes.Status101SwitchingProtocols
        && (name.Equals("Connection", StringComparison.OrdinalIgnoreCase) || name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase));

    private static void Add(HttpRequestMessage request, string name, StringValues values)
    {
        // HttpClient keeps fields about the body with the body. Without one they say nothing and end here.
        if (!TryAdd(request.Headers, name, values) && request.Content is { } content)
        {
            TryAdd(content.Headers, name, values);
        }
    }

    private static bool TryAdd(HttpHeaders headers, string name, StringValues values) => values.Count == 1
        ? headers.TryAddWithoutValidation(name, values.ToString())
        : headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);

    private void AddOurs(HttpContext http, HttpRequestMessage request)
    {
        var headers = request.Headers;
        var inbound = http.Request;
        if (http.Connection.RemoteIpAddress is { } address)
        {
            headers.TryAddWithoutValidation("X-Forwarded-For", Format(address));
        }

        headers.TryAddWithoutValidation("X-Forwarded-Proto", inbound.Scheme);
        if (inbound.Host.HasValue)
        {
            headers.TryAddWithoutValidation("X-Forwarded-Host", inbound.Host.Value);
        }

        if (policy.ForwardClientCertificate != ForwardClientCertificate.Sanitize && CertificateOf(http) is { Length: > 0 } text)
        {
            headers.TryAddWithoutValidation(ForwardedClientCertificate.HeaderName, text);
        }

        // What earlier proxies wrote has been copied and stays in front.
        headers.TryAddWithoutValidation("Via", via.Of(inbound.Protocol));
        if (SaysTrailers(inbound.Headers.TE))
        {
            // The one value of TE that is allowed in HTTP/2, and gRPC needs it (RFC 9113, 8.2.2).
            headers.TryAddWithoutValidation("TE", "trailers");
        }
    }

    private void AddClaims(HttpContext http, HttpRequestMessage request)
    {
        if (Auth is not { Fields.IsEmpty: false } auth || http.Features.Get<MeshRequest>()?.Claims is not { } claims)
        {
            return;
        }

        foreach (var field in auth.Fields)
        {
            if (field.TryFind(claims, out var value))
            {
                request.Headers.TryAddWithoutValidation(field.Header, value);
            }
        }
    }

    // Also for callers without credentials: a backend that reads a token there is to read the gateway's or none.
    private bool IsReplaced(string name) => Auth?.Token is { } token && name.Equals(token.Header, StringComparison.OrdinalIgnoreCase);

    private void AddToken(HttpContext http, HttpRequestMessage request)
    {
        if (Auth?.Token is { } wanted
            && http.Features.Get<MeshRequest>() is { } caller
            && policy.Tokens?.Find(caller, wanted, Backend.Service) is { } value)
        {
            request.Headers.TryAddWithoutValidation(wanted.Header, value);
        }
    }

    // What is still there of the field has come from a caller that may say it: the server has seen to that.
    private string? CertificateOf(HttpContext http)
    {
        var certificate = policy.ForwardClientCertificate;
        var said = certificate == ForwardClientCertificate.SanitizeSet ? null : http.Request.Headers[ForwardedClientCertificate.HeaderName].ToString();
        return certificate == ForwardClientCertificate.ForwardOnly || http.Features.Get<MeshRequest>()?.PeerCertificate is not { } own
            ? said
            : ForwardedClientCertificate.Append(said, own);
    }

    private static string Format(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    private static bool SaysTrailers(StringValues te)
    {
        foreach (var value in te)
        {
            if (value is not null && value.Contains("trailers", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
