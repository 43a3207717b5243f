using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shop;
using Spectre.Console;

var demo = args is ["--demo", var seconds] && int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
    ? TimeSpan.FromSeconds(length)
    : (TimeSpan?)null;
if (args.Length > 0 && demo is null)
{
    Screen.Say("Usage: dotnet run --project samples/Shop [-- --demo SECONDS]");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

using var shop = new ShopProcesses(withGatewaySample: demo is not null);
Screen.Say("Starting nine processes: gateway, storefront, orders ×3 and a canary, catalog ×2, tokens …");
try
{
    await shop.StartAsync(stop.Token);

    // The runner is a service too, with an identity of its own: it may read the storefront's state and nothing else.
    var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Development });
    builder.Logging.SetMinimumLevel(LogLevel.Error);
    builder.Configuration.AddInMemoryCollection(shop.Addresses()!);
    builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Services:storefront:https:0"] = $"127.0.0.1:{shop.Storefront.Port}",
        ["Mesh:Service:Name"] = "shop-runner",
        ["Mesh:Service:Namespace"] = "shop",
        ["Mesh:Service:TrustDomain"] = "shop.example",
    });
    builder.AddMeshClient();
    builder.Services.AddHttpClient("storefront", static client => client.BaseAddress = new("https://storefront"));
    builder.Services.AddHttpClient("orders", static client => client.BaseAddress = new("https://orders"));
    using var host = builder.Build();
    var clients = host.Services.GetRequiredService<IHttpClientFactory>();
    var storefront = clients.CreateClient("storefront");
    using var edge = new HttpClient { BaseAddress = shop.Edge };

    using var load = new LoadGenerator(edge);
    using var intruders = new Intruders(edge, clients.CreateClient("orders"));
    var scenario = new Scenario(shop);
    var screen = new Screen(load, shop);
    await load.StartAsync(stop.Token);
    intruders.Start();
    screen.Invite();
    var result = demo is { } time
        ? await DemonstrateAsync(time)
        : await WatchAsync(screen, scenario, storefront, stop.Token);
    shop.EndedWell = result == 0;
    return result;

    async Task<int> DemonstrateAsync(TimeSpan time)
    {
        using var gateway = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{shop.GatewaySample!.Port}/") };
        return await new Demo(scenario, load, intruders, new Visits(gateway), screen, storefront).RunAsync(time, stop.Token);
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    shop.EndedWell = true;
    return 130;
}

static async Task<int> WatchAsync(Screen screen, Scenario scenario, HttpClient storefront, CancellationToken cancelled)
{
    const string Keys = "k kill/restart orders-1   s slow orders-2   f faults orders-3   c canary weight   q quit";
    if (!screen.IsInteractive)
    {
        while (true)
        {
            screen.WriteLine(await MeshView.ReadAsync(storefront, cancelled));
            await Task.Delay(1000, cancelled);
        }
    }

    var status = Keys;
    var quit = false;
    await AnsiConsole.Live(screen.Draw(null, status)).StartAsync(async live =>
    {
        while (!quit && !cancelled.IsCancellationRequested)
        {
            while (Console.KeyAvailable)
            {
                var action = Console.ReadKey(intercept: true).KeyChar;
                quit |= action == 'q';
                status = action switch
                {
                    'k' => scenario.KillOrRestart(),
                    's' => scenario.ToggleSlow(),
                    'f' => scenario.ToggleFaults(),
                    'c' => scenario.ShiftCanary(),
                    _ => status,
                };
            }

            live.UpdateTarget(screen.Draw(await MeshView.ReadAsync(storefront, cancelled), $"{status}\n{Keys}"));
            await Task.Delay(250, CancellationToken.None);
        }
    });
    return 0;
}
