using System.Net;
using System.Text;

namespace Mesh.Client.HealthChecks;

/// <summary>
/// The gRPC health protocol (<c>grpc/health/v1/health.proto</c>) by hand: one message of one field each way is not worth a
/// dependency on a gRPC client.
/// </summary>
internal static class GrpcHealth
{
    public const string Path = "/grpc.health.v1.Health/Check";

    private const byte ServiceField = 1 << 3 | 2; // string service = 1
    private const byte StatusField = 1 << 3; // ServingStatus status = 1

    // An answer has two bytes; whoever sends much more does not speak this protocol.
    private const int LongestAnswer = 256;

    private static readonly string[] Statuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    /// <summary>The framed <c>HealthCheckRequest</c>.</summary>
    public static byte[] Ask(string service)
    {
        var name = Encoding.UTF8.GetBytes(service);
        List<byte> message = [];
        if (name.Length > 0)
        {
            message.Add(ServiceField);
            for (var rest = (uint)name.Length; ; rest >>= 7)
            {
                message.Add((byte)(rest > 0x7f ? rest | 0x80 : rest));
                if (rest <= 0x7f)
                {
                    break;
                }
            }

            message.AddRange(name);
        }

        return [0, 0, 0, (byte)(message.Count >> 8), (byte)message.Count, .. message];
    }

    /// <summary>Why the answer does not say that the service is serving; <see langword="null"/> when it does.</summary>
    public static async Task<string?> FailureOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return $"status {(int)response.StatusCode}";
        }

        var answer = new byte[LongestAnswer];
        var length = 0;
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            // To the end, because the trailers come after it.
            int read;
            while (length < answer.Length && (read = await body.ReadAsync(answer.AsMemory(length), cancellationToken).ConfigureAwait(false)) > 0)
            {
                length += read;
            }
        }

        if (length == answer.Length)
        {
            return "an answer that is too long";
        }

        if (GrpcStatusOf(response) is not "0" and var status)
        {
            return status is null ? "an answer without gRPC status" : $"gRPC status {status}";
        }

        return StatusOf(answer.AsSpan(0, length)) switch
        {
            1 => null,
            >= 0 and var serving when serving < Statuses.Length => Statuses[serving],
            _ => "an answer that is no HealthCheckResponse",
        };
    }

    // In the header where there is no message, else behind it.
    private static string? GrpcStatusOf(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("grpc-status", out var header) ? header.ToString()
        : response.TrailingHeaders.NonValidated.TryGetValues("grpc-status", out var trailer) ? trailer.ToString()
        : null;

    // The field left out is 0, as everywhere in proto3. Nothing else is in this message.
    private static int StatusOf(ReadOnlySpan<byte> answer) => answer switch
    {
        [0, 0, 0, 0, 0] => 0,
        [0, 0, 0, 0, 2, StatusField, <= 0x7f and var status] => status,
        _ => -1,
    };
}
