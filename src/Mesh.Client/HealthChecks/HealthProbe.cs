using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.Discovery;
using Mesh.Client.Endpoints;
using Mesh.Client.Transport;

namespace Mesh.Client.HealthChecks;

/// <summary>Asks one endpoint how it is, over the connections that its calls use: what it proves is what they will meet.</summary>
internal sealed class HealthProbe(ServiceTarget service, TimeProvider time)
{
    private static readonly MediaTypeHeaderValue Grpc = new("application/grpc");

    /// <returns>Why the check failed, or <see langword="null"/> when it passed.</returns>
    /// <exception cref="OperationCanceledException">The application ends.</exception>
    public async Task<string?> AskAsync(Endpoint endpoint, HealthCheckPolicy policy, CancellationToken stopping)
    {
        // A parent that is not recorded, so that neither side traces what happens every few seconds.
        using var untraced = new Activity("mesh.health_check").Start();
        using var timeout = new CancellationTokenSource(policy.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            using var request = CreateRequest(endpoint, policy);
            using var response = await endpoint.Transport.SendAsync(request, either.Token).ConfigureAwait(false);
            return policy.Protocol == HealthCheckProtocol.Grpc
                ? await GrpcHealth.FailureOfAsync(response, either.Token).ConfigureAwait(false)
                : FailureOf(response, policy);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            return $"no answer within {policy.Timeout}";
        }
#pragma warning disable CA1031 // Whatever goes wrong, the check has failed and says why.
        catch (Exception exception) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return exception.Message;
        }
    }

    private static string? FailureOf(HttpResponseMessage response, HealthCheckPolicy policy) =>
        Array.Exists(policy.Statuses, range => range.Contains((int)response.StatusCode)) ? null : $"status {(int)response.StatusCode}";

    private HttpRequestMessage CreateRequest(Endpoint endpoint, HealthCheckPolicy policy)
    {
        var isGrpc = policy.Protocol == HealthCheckProtocol.Grpc;
        var request = new HttpRequestMessage(isGrpc ? HttpMethod.Post : HttpMethod.Get, $"{endpoint.Scheme}://{service.Name}{(isGrpc ? GrpcHealth.Path : policy.Path)}");
        request.Headers.Host = policy.Host;
        request.Headers.TryAddWithoutValidation("User-Agent", "Mesh.Client health check");
        if (isGrpc)
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
            request.Content = new ByteArrayContent(GrpcHealth.Ask(policy.GrpcService)) { Headers = { ContentType = Grpc } };
        }
        else if (endpoint.Scheme == Uri.UriSchemeHttps)
        {
            // Whatever it speaks; without TLS nobody negotiates.
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        }
        else if (service.Policy.PlaintextHttp2)
        {
            PlaintextHttp2.Demand(request);
        }

        return request;
    }
}
