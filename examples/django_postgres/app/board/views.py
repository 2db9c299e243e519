"""The pages of the notice board."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from board.models import Notice

SHOWN = 50


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The newest notices, or those that hold what somebody searches for."""
    words = request.GET.get("q", "").replace("\0", "")
    found = Notice.objects.filter(text__icontains=words) if words else Notice.objects.all()
    return render(request, "board/index.html", {"notices": found[:SHOWN], "words": words})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Where somebody who is signed in pins up a notice."""
    if request.method == "POST":
        text = request.POST.get("text", "").replace("\0", "").strip()
        if text:
            Notice.objects.create(text=text[:280], author=request.user)
        return redirect("index")
    return render(request, "board/account.html")
