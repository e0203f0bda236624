/// Keeps the page up to date where scripts run: without them the browser loads it again.
///
/// Only what has changed is replaced, so that the reader keeps the place, the selection and the focus. A page that nobody
/// sees asks for nothing; one whose server does not answer says so.
enum StatusScript {
    static let refreshMilliseconds = 2_000
    /// Longer than an event loop may take to say that it lives.
    static let patienceMilliseconds = 8_000

    static let text = """
        (()=>{"use strict";
        const root=document.documentElement;let timer=0,asking=false;
        function patch(old,fresh){
        if(old.isEqualNode(fresh))return;
        if(old.nodeType!==fresh.nodeType||old.nodeName!==fresh.nodeName){old.replaceWith(fresh);return}
        if(old.nodeType!==1){old.data=fresh.data;return}
        for(const a of [...old.attributes])if(!fresh.hasAttribute(a.name))old.removeAttribute(a.name);
        for(const a of fresh.attributes)if(old.getAttribute(a.name)!==a.value)old.setAttribute(a.name,a.value);
        const before=[...old.childNodes],after=[...fresh.childNodes];
        after.forEach((n,i)=>i<before.length?patch(before[i],n):old.append(n));
        before.slice(after.length).forEach(n=>n.remove())}
        function ended(page){
        asking=false;timer=setTimeout(ask,\(refreshMilliseconds));
        if(!page){root.dataset.stale="";return}
        for(const name of ["style","script"])
        if(page.querySelector(name)?.textContent!==document.querySelector(name).textContent){location.reload();return}
        delete root.dataset.stale;
        for(const part of ["title","link","#page"])patch(document.querySelector(part),page.querySelector(part))}
        function ask(){
        clearTimeout(timer);
        if(document.hidden||asking)return;
        asking=true;
        const r=new XMLHttpRequest;
        r.open("GET",location.pathname);r.responseType="document";r.timeout=\(patienceMilliseconds);
        r.onloadend=()=>ended(r.status===200?r.response:null);r.send()}
        document.addEventListener("visibilitychange",ask);
        timer=setTimeout(ask,\(refreshMilliseconds))})()
        """
}
