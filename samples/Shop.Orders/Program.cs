// The service that is called: it admits whom its configuration allows, and nobody else.
var builder = WebApplication.CreateBuilder(args);
builder.AddMeshServer(); // mutual TLS on every https endpoint, authorization, limits, deadlines: section "Mesh"

var app = builder.Build();
app.UseMesh();

// What an operator can do to this replica while it runs: edit its appsettings.json.
app.Use(async (context, next) =>
{
    await Task.Delay(app.Configuration.GetValue("Trouble:DelayMilliseconds", 0), context.RequestAborted);
    if (Random.Shared.Next(100) < app.Configuration.GetValue("Trouble:FaultPercent", 0))
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return;
    }

    await next(context);
});

var version = app.Configuration["Version"];
app.MapGet("/orders/{id:int}", (int id) => new Order(id, $"{id % 7 + 1} cups", version));
app.MapPost("/orders", (Order order) => Results.Created($"/orders/{order.Id}", order with { Version = version }));
app.Run();

internal sealed record Order(int Id, string Content, string? Version);
