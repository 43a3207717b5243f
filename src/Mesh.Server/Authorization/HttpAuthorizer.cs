using System.Net;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Authorization;

/// <summary>Asks an authorizer over HTTP, with the protocol of Envoy's <c>ext_authz</c> HTTP service.</summary>
internal sealed partial class HttpAuthorizer(string name, AuthorizerOptions options, IHttpClientFactory clients, TimeProvider time, ILogger logger) : IMeshAuthorizer
{
    /// <summary>The name of the <see cref="HttpClient"/> it is asked with.</summary>
    public const string ClientName = "Mesh.Server.Authorizer";

    private const int MaxAnswer = 64 * 1024;

    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly string _origin = options.Url!.TrimEnd('/') + options.PathPrefix;

    public async ValueTask<AuthorizerDecision> AuthorizeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await AskAsync(context, linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Failed(exception.Message);
        }
    }

    private async Task<AuthorizerDecision> AskAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        using var question = QuestionAbout(context.Request, context.Features.Get<MeshRequest>()!.Path);
        using var answer = await client.SendAsync(question, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            foreach (var field in options.HeadersToUpstream)
            {
                if (FieldOf(answer, field) is { } value)
                {
                    context.Request.Headers[field] = value;
                }
            }

            return AuthorizerDecision.Allow;
        }

        if ((int)answer.StatusCode >= 500)
        {
            return Failed($"It answered {(int)answer.StatusCode}.");
        }

        var fields = options.HeadersToDownstream
            .Select(field => (Name: field, Value: FieldOf(answer, field)))
            .Where(static field => field.Value is not null)
            .ToArray();
        var body = await ReadAsync(answer.Content, cancellationToken).ConfigureAwait(false);
        var status = (int)answer.StatusCode;
        return AuthorizerDecision.DenyWith(http => ServerProblems.AnswerAs(http, status, fields!, body));
    }

    private HttpRequestMessage QuestionAbout(HttpRequest request, string path)
    {
        var question = new HttpRequestMessage(new HttpMethod(request.Method), new Uri($"{_origin}{path}{request.QueryString.Value}", AsWritten));
        question.Headers.TryAddWithoutValidation("X-Forwarded-Host", request.Host.Value);
        foreach (var field in options.IncludeRequestHeaders)
        {
            if (request.Headers.TryGetValue(field, out var values))
            {
                question.Headers.TryAddWithoutValidation(field, (IEnumerable<string?>)values);
            }
        }

        return question;
    }

    private AuthorizerDecision Failed(string reason)
    {
        Log.Failed(logger, name, options.FailOpen ? "goes on" : "is refused", reason);
        return options.FailOpen ? AuthorizerDecision.Allow
            : AuthorizerDecision.DenyWith(options.StatusOnError == StatusCodes.Status403Forbidden ? ServerProblems.Denied : ServerProblems.AuthorizerUnavailable);
    }

    private static string? FieldOf(HttpResponseMessage answer, string name) =>
        answer.Headers.NonValidated.TryGetValues(name, out var values) || answer.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;

    // A longer body is cut off: it is words for the caller and nothing else.
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[Math.Min(MaxAnswer, content.Headers.ContentLength ?? MaxAnswer)];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return buffer.AsMemory(0, length);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Authorizer '{Authorizer}' could not be asked; the request {Effect}. {Reason}")]
        public static partial void Failed(ILogger logger, string authorizer, string effect, string reason);
    }
}
