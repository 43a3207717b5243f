using Mesh.Configuration;

namespace Mesh.Server.Limits;

/// <summary>
/// What one client may take of the process before anybody knows who it is: section <c>Mesh:Server:Limits</c>. What is not
/// set is as Kestrel has it, which is what the defaults below say. All but <see cref="RequestBody"/> are read once, at the start.
/// </summary>
public sealed class ServerLimitsOptions
{
    /// <summary>The largest request body, in bytes. An endpoint's <c>[RequestSizeLimit]</c> and <c>[DisableRequestSizeLimit]</c> come before it.</summary>
    /// <value>Default 30,000,000. Larger ones are answered 413.</value>
    public long? RequestBody { get; set; }

    /// <summary>The size of all header fields of a request together, in bytes.</summary>
    /// <value>Default 32,768. More is answered 431.</value>
    public int? HeaderBytes { get; set; }

    /// <summary>The number of header fields of a request.</summary>
    /// <value>Default 100. More are answered 431.</value>
    public int? HeaderCount { get; set; }

    /// <summary>How long the header fields of a request may take to arrive.</summary>
    /// <value>Default 30 seconds. Then the answer is 408.</value>
    public TimeSpan? HeadersTimeout { get; set; }

    /// <summary>How long a connection may stand without a request.</summary>
    /// <value>Default 130 seconds.</value>
    public TimeSpan? IdleTimeout { get; set; }

    /// <summary>How slowly a request body may arrive, in bytes a second after the first 5 seconds; 0 is as slowly as it likes.</summary>
    /// <value>Default 240. A slower one is answered 408.</value>
    public int? BodyBytesPerSecond { get; set; }

    /// <summary>The number of connections at a time; more are closed at once.</summary>
    /// <value>Default: no limit.</value>
    public int? Connections { get; set; }

    /// <summary>The number of requests at a time on one HTTP/2 connection.</summary>
    /// <value>Default 100.</value>
    public int? StreamsPerConnection { get; set; }

    internal static void Read(ConfigurationReader reader, ServerLimitsOptions options)
    {
        options.RequestBody = reader.Integer(nameof(RequestBody)) ?? options.RequestBody;
        options.HeaderBytes = reader.Integer(nameof(HeaderBytes)) ?? options.HeaderBytes;
        options.HeaderCount = reader.Integer(nameof(HeaderCount)) ?? options.HeaderCount;
        options.HeadersTimeout = reader.Duration(nameof(HeadersTimeout)) ?? options.HeadersTimeout;
        options.IdleTimeout = reader.Duration(nameof(IdleTimeout)) ?? options.IdleTimeout;
        options.BodyBytesPerSecond = reader.Integer(nameof(BodyBytesPerSecond)) ?? options.BodyBytesPerSecond;
        options.Connections = reader.Integer(nameof(Connections)) ?? options.Connections;
        options.StreamsPerConnection = reader.Integer(nameof(StreamsPerConnection)) ?? options.StreamsPerConnection;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(RequestBody)}", RequestBody, 0, long.MaxValue);

        // A mesh request carries a token of up to 16 KiB and the fields of tracing and propagation.
        errors.CheckRange($"{path}:{nameof(HeaderBytes)}", HeaderBytes, 4096, 1 << 20);
        errors.CheckRange($"{path}:{nameof(HeaderCount)}", HeaderCount, 20, 10_000);
        errors.CheckDuration($"{path}:{nameof(HeadersTimeout)}", HeadersTimeout);
        errors.CheckDuration($"{path}:{nameof(IdleTimeout)}", IdleTimeout);
        errors.CheckRange($"{path}:{nameof(BodyBytesPerSecond)}", BodyBytesPerSecond, 0, int.MaxValue);
        errors.CheckRange($"{path}:{nameof(Connections)}", Connections, 1, int.MaxValue);
        errors.CheckRange($"{path}:{nameof(StreamsPerConnection)}", StreamsPerConnection, 1, 10_000);
    }
}
