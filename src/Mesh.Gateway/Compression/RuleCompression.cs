using System.IO.Compression;
using Mesh.Routing.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Gateway.Compression;

/// <summary>
/// Decides for one response whether and how it is compressed; the bytes are the framework's matter. It compresses what a rule
/// lists and nothing that RFC 9110 or 9111 wants left as it is.
/// </summary>
internal sealed class RuleCompression(RouteCompression filter) : IResponseCompressionProvider
{
    private static readonly BrotliCompressionProvider FastBrotli = new(Options.Create(new BrotliCompressionProviderOptions { Level = CompressionLevel.Fastest }));
    private static readonly BrotliCompressionProvider Brotli = new(Options.Create(new BrotliCompressionProviderOptions { Level = CompressionLevel.Optimal }));
    private static readonly GzipCompressionProvider FastGzip = new(Options.Create(new GzipCompressionProviderOptions { Level = CompressionLevel.Fastest }));
    private static readonly GzipCompressionProvider Gzip = new(Options.Create(new GzipCompressionProviderOptions { Level = CompressionLevel.Optimal }));

    /// <summary>Runs what answers a request, and compresses its answer.</summary>
    public static Task InvokeAsync(HttpContext http, RouteCompression filter, RequestDelegate next) =>
        new ResponseCompressionMiddleware(next, new RuleCompression(filter)).Invoke(http);

    // All of them: what could be compressed says so in Vary, whoever asks.
    public bool CheckRequestAcceptsCompression(HttpContext context) => true;

    public ICompressionProvider? GetCompressionProvider(HttpContext context) =>
        AcceptedCoding.Choose(context.Request.Headers.AcceptEncoding, filter.Encodings) switch
        {
            "br" => filter.Level == CompressionLevel.Fastest ? FastBrotli : Brotli,
            "gzip" => filter.Level == CompressionLevel.Fastest ? FastGzip : Gzip,
            _ => null,
        };

    public bool ShouldCompressResponse(HttpContext context)
    {
        var response = context.Response;
        var headers = response.Headers;
        if (!IsWhole(response) || response.ContentLength < filter.MinBytes || !filter.Covers(response.ContentType) || IsStream(response.ContentType) || ForbidsChange(headers.CacheControl))
        {
            return false;
        }

        if (AcceptedCoding.Choose(context.Request.Headers.AcceptEncoding, filter.Encodings) is not null)
        {
            Reword(headers);
        }

        return true;
    }

    // A part of a body cannot be encoded by itself, and what is encoded stays so.
    private static bool IsWhole(HttpResponse response) =>
        response.StatusCode is >= 200 and not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status206PartialContent or StatusCodes.Status304NotModified)
        && response.Headers.ContentEncoding.Count == 0
        && response.Headers.ContentRange.Count == 0;

    // They have messages of their own, which must not wait for more.
    private static bool IsStream(ReadOnlySpan<char> type) =>
        type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) || type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    private static bool ForbidsChange(StringValues cacheControl)
    {
        foreach (var line in cacheControl)
        {
            if (line is not null && line.Contains("no-transform", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    // What spoke of the bytes as the service sent them (RFC 9110, 8.8.1 and 14.3; RFC 9530).
    private static void Reword(IHeaderDictionary headers)
    {
        headers.Remove(HeaderNames.AcceptRanges);
        headers.Remove("Digest");
        headers.Remove("Content-Digest");
        headers.Remove("Repr-Digest");
        var tag = headers.ETag.ToString();
        if (tag.StartsWith('"'))
        {
            headers.ETag = $"W/{tag}";
        }
    }
}
