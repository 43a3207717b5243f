using System.Buffers;
using System.Net;
using System.Net.Security;
using Mesh.Benchmarks.Identity;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Benchmarks.EastWest;

/// <summary>A process that answers. It writes its port, and lives until its input ends.</summary>
internal static class EastWestServer
{
    public const string Role = "eastwest-server";

    private static readonly byte[] Payload = new byte[Workload.AnswerBytes];

    /// <param name="kind"><see cref="Contender.Plain"/>, <see cref="Contender.Platform"/> or <see cref="Contender.Mesh"/>.</param>
    /// <param name="files">The identity of all processes.</param>
    public static async Task<int> RunAsync(string kind, IdentityFiles files)
    {
        var identity = BenchmarkIdentity.Load(files);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (kind == Contender.Mesh)
            {
                listen.UseHttps();
            }
            else if (kind == Contender.Platform)
            {
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = identity.Current.CertificateContext,
                        ClientCertificateRequired = true,
                        CertificateChainPolicy = identity.PlatformPolicy(),
                    }),
                });
            }
        }));
        if (kind == Contender.Mesh)
        {
            builder.Configuration["Mesh:Service:TrustDomain"] = "bench.example";
            builder.Services.AddSingleton<IIdentitySource>(identity);
            builder.AddMeshServer();
        }

        await using var app = builder.Build();
        if (kind == Contender.Mesh)
        {
            app.UseMesh();
        }

        app.MapGet("/", AnswerAsync);
        app.MapPost("/", TakeAsync);
        await app.StartAsync();
        Console.WriteLine(new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port);
        await Console.In.ReadToEndAsync();
        return 0;
    }

    private static async Task TakeAsync(HttpContext http)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Workload.BodyBytes);
        while (await http.Request.Body.ReadAsync(buffer) > 0)
        {
        }

        ArrayPool<byte>.Shared.Return(buffer);
        await AnswerAsync(http);
    }

    private static Task AnswerAsync(HttpContext http)
    {
        http.Response.ContentLength = Payload.Length;
        return http.Response.Body.WriteAsync(Payload).AsTask();
    }
}
