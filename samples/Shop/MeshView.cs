using System.Net.Http.Json;

namespace Shop;

/// <summary>What the storefront's mesh says of itself at <c>/mesh/state</c>.</summary>
internal sealed record MeshView(MeshView.ClientPart Client)
{
    /// <summary>Attempts per call, over every service the storefront calls.</summary>
    public double Amplification
    {
        get
        {
            var attempts = Client.Services.Sum(static service => service.Endpoints.Sum(static endpoint => endpoint.Requests));
            var retries = Client.Services.Sum(static service => service.Retries);
            return attempts == retries ? 1 : (double)attempts / (attempts - retries);
        }
    }

    public static async Task<MeshView?> ReadAsync(HttpClient storefront, CancellationToken cancellationToken)
    {
        try
        {
            return await storefront.GetFromJsonAsync<MeshView>("mesh/state", cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    internal sealed record ClientPart(List<Service> Services);

    internal sealed record Service(string Name, long Retries, List<Endpoint> Endpoints);

    internal sealed record Endpoint(
        string Address,
        string Condition,
        string? Peer,
        int Active,
        long Requests,
        long Failures,
        double P50Ms,
        double P99Ms,
        long? EjectedForMs);
}
