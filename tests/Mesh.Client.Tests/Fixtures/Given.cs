using System.Net;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>Configurations and requests that many tests share.</summary>
internal static class Given
{
    /// <summary>The service <c>orders</c> with three addresses that nobody listens at.</summary>
    public static string Orders(string settings = "{}") => Services("""{ "orders": { "https": [ "10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3" ] } }""", $$"""{ "orders": {{settings}} }""");

    public static string Services(string addresses, string settings) =>
        $$"""{ "Services": {{addresses}}, "Mesh": { "Client": { "Services": {{settings}} } } }""";

    public static HttpResponseMessage Response(HttpStatusCode status, string? retryAfter = null)
    {
        var response = new HttpResponseMessage(status);
        if (retryAfter is not null)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        }

        return response;
    }

    public static HttpRequestException NotSent() => new(HttpRequestError.ConnectionError, "Nobody listens.");

    public static HttpRequestException Broken() => new(HttpRequestError.ResponseEnded, "The connection broke.");
}
