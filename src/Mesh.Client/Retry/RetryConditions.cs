using System.Text.Json;
using Mesh.Client.Calls;

namespace Mesh.Client.Retry;

/// <summary>The compiled form of <see cref="RetryOptions.On"/>: which answers and failures are repeated. Immutable.</summary>
internal sealed class RetryConditions
{
    /// <summary>One above the highest status code there is.</summary>
    public const int StatusEnd = 600;

    /// <summary>One above the highest status code of gRPC.</summary>
    public const int GrpcStatusEnd = 17;

    private readonly ulong[] _statuses = new ulong[(StatusEnd + 63) / 64];
    private readonly List<(string Name, string? Value)> _headers = [];
    private readonly List<string> _problems = [];
    private int _grpcStatuses;

    /// <summary>Whether a connection that broke under the request is among them.</summary>
    public bool OnReset { get; set; }

    /// <summary>Whether an attempt that took too long is among them.</summary>
    public bool OnTimeout { get; set; }

    /// <summary>Whether the beginning of a problem document must be read to decide.</summary>
    public bool ReadsProblems => _problems.Count > 0;

    public void AddStatuses(int first, int last)
    {
        for (var status = first; status <= last; status++)
        {
            _statuses[status >> 6] |= 1UL << (status & 63);
        }
    }

    public void AddGrpcStatus(int status) => _grpcStatuses |= 1 << status;

    public void AddHeader(string name, string? value) => _headers.Add((name, value));

    public void AddProblem(string type) => _problems.Add(type);

    public bool Match(Exception exception) => exception is OperationCanceledException ? OnTimeout : OnReset;

    public bool Match(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return (status < StatusEnd && (_statuses[status >> 6] >> (status & 63) & 1) != 0)
            || (_grpcStatuses != 0 && GrpcResponse.StatusOf(response) is { } grpc && (_grpcStatuses >> grpc & 1) != 0)
            || MatchesHeader(response)
            || MatchesProblem(response);
    }

    private bool MatchesHeader(HttpResponseMessage response)
    {
        foreach (var (name, value) in _headers)
        {
            if (response.Headers.NonValidated.TryGetValues(name, out var values)
                && (value is null || string.Equals(values.ToString(), value, StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesProblem(HttpResponseMessage response) =>
        _problems.Count > 0 && response.Content is PeekedContent peeked && TypeOf(peeked.Beginning) is { } type && _problems.Contains(type);

    // RFC 9457: "type" is a member of the document itself. What was read may be its beginning only.
    private static string? TypeOf(ReadOnlySpan<byte> document)
    {
        var reader = new Utf8JsonReader(document, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("type"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }
            }
        }
        catch (JsonException)
        {
            // Not a document: it has no type.
        }

        return null;
    }
}
