using System.Globalization;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Benchmarks.Gateway;

/// <summary>What a <see cref="RoleProcess"/> runs: it writes its port, and answers what it is asked line by line.</summary>
internal static class RoleProgram
{
    public static async Task<int> RunAsync(string role, string folder, string backend)
    {
        var parsed = Enum.Parse<GatewayRole>(role);
        if (parsed == GatewayRole.Load)
        {
            return await LoadRole.RunAsync(folder);
        }

        var port = int.Parse(backend, CultureInfo.InvariantCulture);
        await using var app = parsed switch
        {
            GatewayRole.Backend => Hosts.Backend(),
            GatewayRole.Yarp => Hosts.Yarp(port),
            GatewayRole.YarpSecured => Hosts.YarpSecured(port, folder),
            GatewayRole.Mesh => Hosts.Mesh(port),
            GatewayRole.MeshSecured => Hosts.MeshSecured(port, folder),
            _ => Hosts.MeshManyRoutes(port),
        };
        await app.StartAsync();
        Console.WriteLine(new Uri(app.Urls.Single()).Port);
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine(GC.GetTotalAllocatedBytes(precise: true));
        }

        return 0;
    }
}
