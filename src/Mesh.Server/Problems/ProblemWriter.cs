using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Problems;

/// <summary>Writes a <see cref="MeshProblem"/> to the features of a response, which need not be those the application sees.</summary>
internal static class ProblemWriter
{
    public static async Task WriteAsync(MeshProblem problem, HttpContext context, IHttpResponseFeature response, IHttpResponseBodyFeature body)
    {
        if (response.HasStarted)
        {
            throw new InvalidOperationException($"The problem '{problem.Reason}' cannot be written: the response has started.");
        }

        var headers = response.Headers;
        if (problem.RetryAfter is { } delay)
        {
            headers.RetryAfter = ((long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (IsGrpc(context.Request))
        {
            // "Trailers-Only" of gRPC over HTTP/2: the status travels in the headers of an empty 200.
            response.StatusCode = StatusCodes.Status200OK;
            headers.ContentType = "application/grpc";
            headers["grpc-status"] = GrpcStatus(problem.Status);
            headers["grpc-message"] = Uri.EscapeDataString($"{problem.Reason}: {problem.Title}");
            await body.CompleteAsync().ConfigureAwait(false);
            return;
        }

        var traceId = ActivityOf(context)?.TraceId.ToHexString() ?? context.TraceIdentifier;
        var page = context.RequestServices?.GetService<IProblemPages>()?.Find(problem, context, traceId);
        var content = page?.Content ?? Serialize(problem, traceId);
        response.StatusCode = problem.Status;
        headers.ContentType = page?.ContentType ?? "application/problem+json";
        headers.ContentLength = content.Length;
        if (page is not null)
        {
            headers.XContentTypeOptions = "nosniff";
            headers.ContentSecurityPolicy = page.SecurityPolicy;
        }

        headers.CacheControl = "no-store";
        if (problem.Challenge is not null)
        {
            headers.WWWAuthenticate = problem.Challenge;
        }

        // Not with RequestAborted: when a deadline passes, that is what has just been cancelled.
        await body.Writer.WriteAsync(content, CancellationToken.None).ConfigureAwait(false);
        await body.CompleteAsync().ConfigureAwait(false);
    }

    private static ReadOnlyMemory<byte> Serialize(MeshProblem problem, string traceId)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("type", problem.Type);
        json.WriteString("title", problem.Title);
        json.WriteNumber("status", problem.Status);
        if (problem.Detail is not null)
        {
            json.WriteString("detail", problem.Detail);
        }

        json.WriteString("traceId", traceId);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    // A timer, which answers for a deadline, is in nobody's activity.
    private static Activity? ActivityOf(HttpContext context) => Activity.Current ?? context.Features.Get<IHttpActivityFeature>()?.Activity;

    private static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        && !type.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase);

    // The status codes of gRPC for what each refusal means, which is finer than its mapping from HTTP statuses.
    private static string GrpcStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "3", // INVALID_ARGUMENT
        StatusCodes.Status401Unauthorized => "16", // UNAUTHENTICATED
        StatusCodes.Status403Forbidden => "7", // PERMISSION_DENIED
        StatusCodes.Status404NotFound => "12", // UNIMPLEMENTED
        StatusCodes.Status429TooManyRequests => "8", // RESOURCE_EXHAUSTED
        StatusCodes.Status504GatewayTimeout => "4", // DEADLINE_EXCEEDED
        _ => "14", // UNAVAILABLE
    };
}
