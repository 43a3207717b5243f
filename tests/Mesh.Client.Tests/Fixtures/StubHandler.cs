using System.Net;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>The application's own innermost handler: answers by script and remembers what came.</summary>
internal sealed class StubHandler(Func<StubHandler.Seen, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    private readonly List<Seen> _seen = [];
    private readonly List<TrackedResponse> _responses = [];

    public StubHandler(Func<Seen, HttpResponseMessage> answer)
        : this((seen, _) => Task.FromResult(answer(seen)))
    {
    }

    /// <summary>Answers with these, and with the last one for ever after.</summary>
    public static StubHandler Answering(params HttpStatusCode[] statuses) =>
        new(seen => new HttpResponseMessage(statuses[Math.Min(seen.Number, statuses.Length) - 1]));

    public IReadOnlyList<Seen> Requests
    {
        get
        {
            lock (_seen)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>How many responses nobody has disposed.</summary>
    public int UndisposedResponses
    {
        get
        {
            lock (_seen)
            {
                return _responses.Count(static response => !response.IsDisposed);
            }
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Seen seen;
        lock (_seen)
        {
            seen = new Seen(
                _seen.Count + 1,
                request,
                request.RequestUri!,
                request.Headers.Host,
                request.Content is null ? null : request.Content.ReadAsStringAsync(CancellationToken.None).GetAwaiter().GetResult(),
                request.Headers.ToDictionary(static header => header.Key, static header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase));
            _seen.Add(seen);
        }

        var response = await answer(seen, cancellationToken);
        var tracked = new TrackedResponse(response) { RequestMessage = request };
        lock (_seen)
        {
            _responses.Add(tracked);
        }

        return tracked;
    }

    internal sealed record Seen(int Number, HttpRequestMessage Message, Uri Uri, string? Host, string? Body, Dictionary<string, string> Headers);

    private sealed class TrackedResponse : HttpResponseMessage
    {
        public TrackedResponse(HttpResponseMessage response)
            : base(response.StatusCode)
        {
            Content = response.Content;
            foreach (var header in response.Headers)
            {
                Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
