namespace Mesh.Client.Tests.Discovery.Dns;

/// <summary>How the server answers one question.</summary>
internal sealed record DnsReply
{
    public const int NoError = 0, FormatError = 1, ServerFailure = 2, NoSuchName = 3, Refused = 5;

    public static DnsReply Silence { get; } = new() { IsSilent = true };

    public static DnsReply Garbage { get; } = new() { IsGarbage = true };

    public int Code { get; init; }

    public DnsRecord[] Answers { get; init; } = [];

    public DnsRecord[] Authorities { get; init; } = [];

    public DnsRecord[] Additionals { get; init; } = [];

    /// <summary>Whether over UDP only the header comes back, with the flag that asks for TCP.</summary>
    public bool IsTruncated { get; init; }

    public bool IsSilent { get; init; }

    public bool IsGarbage { get; init; }

    /// <summary>What the server waits for before it answers.</summary>
    public Task After { get; init; } = Task.CompletedTask;

    public static DnsReply Of(params DnsRecord[] answers) => new() { Answers = answers };

    public static DnsReply Failing(int code) => new() { Code = code };
}
