using System.Net;
using System.Text;

namespace CdcSync.Demo.Shop;

/// <summary>The shop's page: products with stock and price, and what changed just now.</summary>
static class ShopPage
{
    const int Shown = 60;

    public static string Render(ShopState state, long calls)
    {
        var prices = state.Prices.ToDictionary(p => p.Sku);
        var stock = state.Stock.GroupBy(s => s.Sku).ToDictionary(g => g.Key, g => g.ToList());
        var products = state.Products;
        var cards = new StringBuilder();
        foreach (var product in products.Take(Shown)) Card(cards, product, stock.GetValueOrDefault(product.Sku) ?? [], prices.GetValueOrDefault(product.Sku));
        return Page.Replace("{{cards}}", cards.ToString(), StringComparison.Ordinal)
            .Replace("{{shown}}", products.Count > Shown ? $"first {Shown} of {products.Count:N0} products" : $"{products.Count:N0} products", StringComparison.Ordinal)
            .Replace("{{calls}}", $"{calls:N0}", StringComparison.Ordinal);
    }

    static void Card(StringBuilder page, ShopProduct product, List<ShopStock> stock, ShopPrice? price)
    {
        var total = stock.Sum(s => s.Available);
        var (word, tone) = total <= 0 ? ("Sold out", "out") : total < 10 ? ($"Only {total:0.##} left", "low") : ($"{total:0.##} in stock", "in");
        page.Append($"""
            <article data-sku="{Text(product.Sku)}"><header><span class="sku">{Text(product.Sku)}</span><span class="cat">{Text(product.Category)}</span></header>
            <h2>{Text(product.Name)}</h2><p class="price">{(price is null ? "<span class=\"ask\">Price on request</span>" : $"{price.Amount:0.00} <small>{Text(price.Currency)}</small>")}</p>
            <p class="stock {tone}">{word}</p><ul>{string.Concat(stock.Select(s => $"<li><span>{Text(s.Warehouse)}</span><b>{s.Available:0.##}</b></li>"))}</ul></article>
            """);
    }

    static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");

    const string Page = """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Harbour Supply</title><style>
        :root { --ink: #16202c; --soft: #5d6b7a; --line: #e3e8ee; --paper: #fff; --back: #f4f6f9; --brand: #0b5c7d; --in: #1b7a4b; --low: #b46a00; --out: #b3261e }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8eef5; --soft: #94a3b3; --line: #2a3644; --paper: #17202b; --back: #0f161e; --brand: #58b4d8; --in: #5cc893; --low: #e3a64a; --out: #f0857d } }
        * { box-sizing: border-box } body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif }
        .top { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; padding: 1.1rem clamp(1rem, 4vw, 3rem); background: var(--paper); border-bottom: 1px solid var(--line) }
        h1 { margin: 0; font-size: 1.35rem; letter-spacing: -.01em; color: var(--brand) } .top p { margin: 0; color: var(--soft) } .top b { color: var(--ink); font-variant-numeric: tabular-nums }
        main { display: grid; grid-template-columns: minmax(0, 1fr) 20rem; gap: 1.5rem; padding: 1.5rem clamp(1rem, 4vw, 3rem); max-width: 100rem; margin: auto }
        .goods { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; align-content: start }
        article { display: flex; flex-direction: column; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; transition: box-shadow .3s, border-color .3s }
        article.new { border-color: var(--brand); box-shadow: 0 0 0 3px color-mix(in srgb, var(--brand) 25%, transparent) }
        article header { display: flex; justify-content: space-between; gap: .5rem; font-size: .78rem; color: var(--soft) } .sku { font-family: ui-monospace, "DejaVu Sans Mono", monospace }
        .cat { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
        h2 { font-size: 1rem; font-weight: 600; margin: .45rem 0 auto; line-height: 1.3 } .price { font-size: 1.3rem; font-weight: 650; margin: .7rem 0 0; font-variant-numeric: tabular-nums }
        .price small { font-size: .8rem; font-weight: 400; color: var(--soft) } .ask { font-size: .95rem; font-weight: 400; color: var(--soft) }
        .stock { margin: .15rem 0 .6rem; font-size: .88rem } .stock.in { color: var(--in) } .stock.low { color: var(--low) } .stock.out { color: var(--out) }
        ul { list-style: none; margin: 0; padding: .5rem 0 0; border-top: 1px solid var(--line); font-size: .8rem; color: var(--soft) } ul li { display: flex; justify-content: space-between } ul b { color: var(--ink); font-variant-numeric: tabular-nums } ul:empty { display: none }
        aside { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; align-self: start; position: sticky; top: 1rem } aside h3 { margin: 0 0 .6rem; font-size: .95rem }
        ol { list-style: none; margin: 0; padding: 0; font-size: .84rem } ol li { display: grid; grid-template-columns: 4rem 1fr; gap: .1rem .5rem; padding: .4rem 0; border-top: 1px solid var(--line) }
        ol time { color: var(--soft); font-variant-numeric: tabular-nums } ol span { color: var(--soft); grid-column: 2; overflow-wrap: anywhere } .none { color: var(--soft); margin: 2rem 0 }
        @media (max-width: 56rem) { main { grid-template-columns: 1fr } aside { position: static; order: -1; max-height: 14rem; overflow: auto } }
        </style></head><body><div class="top"><h1>Harbour Supply</h1><p>{{shown}}</p><p><b id="calls">{{calls}}</b> calls received</p></div>
        <main><section class="goods">{{cards}}</section><aside><h3>What changed</h3><ol id="feed"></ol></aside></main><script>
        let last = 0, first = true;
        const feed = document.getElementById('feed');
        async function look() {
          try {
            const news = await (await fetch('/feed?after=' + last)).json();
            document.getElementById('calls').textContent = news.calls.toLocaleString('en');
            for (const e of news.events) {
              last = e.number;
              const row = document.createElement('li'), time = document.createElement('time'), name = document.createElement('b'), what = document.createElement('span');
              time.textContent = new Date(e.at).toTimeString().slice(0, 8); name.textContent = e.key; what.textContent = e.what + ': ' + e.text;
              row.append(time, name, what); feed.prepend(row);
              const card = document.querySelector('[data-sku="' + CSS.escape(e.key.split('/')[0]) + '"]');
              if (card && !first) { card.classList.add('new'); setTimeout(() => card.classList.remove('new'), 1500); }
            }
            while (feed.children.length > 40) feed.lastChild.remove();
            if (news.events.length && !first) fresh();
            first = false;
          } catch { /* the shop is away; look again */ }
          setTimeout(look, 1000);
        }
        async function fresh() {
          const page = new DOMParser().parseFromString(await (await fetch('/')).text(), 'text/html');
          const marked = new Set([...document.querySelectorAll('article.new')].map(a => a.dataset.sku));
          document.querySelector('.goods').replaceWith(page.querySelector('.goods'));
          for (const a of document.querySelectorAll('article')) if (marked.has(a.dataset.sku)) { a.classList.add('new'); setTimeout(() => a.classList.remove('new'), 1500); }
        }
        look();
        </script></body></html>
        """;
}
