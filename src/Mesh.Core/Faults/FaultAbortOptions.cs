using Mesh.Configuration;

namespace Mesh.Faults;

/// <summary>A failure in place of a share of the calls: one of the three.</summary>
public sealed class FaultAbortOptions
{
    /// <summary>The status of the answer, 200 to 599.</summary>
    public int? HttpStatus { get; set; }

    /// <summary>The gRPC status of the answer: its number, 1 to 16, or its name, such as <c>UNAVAILABLE</c>.</summary>
    public string? GrpcStatus { get; set; }

    /// <summary>Whether there is no answer at all: no connection comes about, or on the server it is cut.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool ConnectionError { get; set; }

    /// <summary>The share of calls, 0 to 100.</summary>
    /// <value>Default 100.</value>
    public double Percent { get; set; } = 100;

    internal static void Read(ConfigurationReader reader, FaultAbortOptions options)
    {
        options.HttpStatus = reader.Integer(nameof(HttpStatus)) ?? options.HttpStatus;
        options.GrpcStatus = reader.Text(nameof(GrpcStatus)) ?? options.GrpcStatus;
        options.ConnectionError = reader.Boolean(nameof(ConnectionError)) ?? options.ConnectionError;
        options.Percent = reader.Number(nameof(Percent)) ?? options.Percent;
    }
}
